"""How many blocks are trained as one program."""

from __future__ import annotations

from study.types import FEATURES
from study.vae.config import VAEConfig
from study.vae.networks import _contract as networks
from study.vae.training.loop import device

BYTES = 4 * 2**30
"""Memory of an accelerator that the blocks of one program may take; data and noise come on top."""
MOST = 16
"""Blocks trained as one program at most: by then the products are large enough to fill an accelerator."""


def blocks_together(config: VAEConfig, replicas: int) -> int:
    """Return how many blocks :func:`study.vae.training.loop.train_blocks` should be given at once.

    On a CPU it is one, since blocks train side by side, one thread each; on an accelerator, which a single block of
    small networks leaves idle, as many as fit :data:`BYTES`, and at most :data:`MOST`.

    Args:
        config: The VAE.
        replicas: Replicas in a block.
    """
    if device() == "cpu":
        return 1
    # Weights, gradients and two moments; and what a step keeps for its gradients, several times each layer's output.
    outputs = sum(layer.fan_out for layer in networks.load(config.network).layers(config).values())
    step = 8 * config.batch_size * (outputs + 2 * FEATURES[config.data] + 4 * config.latent_dim)
    return int(min(MOST, max(1, BYTES // (4 * replicas * (4 * config.parameter_count + step)))))
