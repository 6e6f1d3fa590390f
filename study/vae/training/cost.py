"""What training a block takes: arithmetic, and memory."""

from __future__ import annotations

from study.types import FEATURES
from study.vae.config import BLOCK, VAEConfig
from study.vae.networks import _contract as networks
from study.vae.training.randomness import BYTES_AT_ONCE

RANDOMNESS = 2 * BYTES_AT_ONCE
"""Bytes of redraws, order and noise: at most, a chunk here and its copy on the device."""


def flop(config: VAEConfig, images: int) -> float:
    """Return the floating-point operations of training a block.

    A parameter takes part in one multiplication and one addition per image in the forward pass, and in twice as
    many in the backward pass: 6 · parameters · images seen, for each replica.

    Args:
        config: The VAE.
        images: Training images.
    """
    batch = min(config.batch_size, images)
    return 6.0 * config.parameter_count * batch * (images // batch) * config.epochs * BLOCK


def memory(config: VAEConfig, images: int, heldout: int) -> int:
    """Return an estimate of the bytes that a worker's arrays take, beside what the framework itself does.

    Args:
        config: The VAE.
        images: Training images.
        heldout: Held-out images.
    """
    features = FEATURES[config.data]
    # Weights, gradients and Adam's two moments, float32; the data as loaded and as treated.
    state = 4 * 4 * BLOCK * config.parameter_count
    data = 2 * 4 * (images + heldout) * features
    outputs = sum(layer.fan_out for layer in networks.load(config.network).layers(config).values())
    # Each activation, its gradient and a temporary.
    step = 3 * 4 * BLOCK * config.batch_size * (outputs + config.latent_dim + features) + RANDOMNESS
    # Means and log-variances, as they are kept (float32) and computed with (float64).
    posteriors = 2 * 12 * BLOCK * (images + heldout) * config.latent_dim
    return state + data + max(step, posteriors)
