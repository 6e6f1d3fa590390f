"""Initial weights: each replica's own kernels, drawn on the host, equal on every backend."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from study.seeds import ROOT, generator
from study.types import FEATURES, Weights
from study.vae.config import VAEConfig


def layer_sizes(config: VAEConfig) -> dict[str, tuple[int, int]]:
    """Return ``{layer: (in, out)}`` of one replica, in the order of computation."""
    sizes: dict[str, tuple[int, int]] = {}
    last = FEATURES[config.data]
    for index in range(config.encoder_depth):
        sizes[f"encoder_{index}"] = (last, config.encoder_width)
        last = config.encoder_width
    sizes["posterior"] = (last, 2 * config.latent_dim)
    last = config.latent_dim
    for index in range(config.decoder_depth):
        sizes[f"decoder_{index}"] = (last, config.decoder_width)
        last = config.decoder_width
    sizes["output"] = (last, FEATURES[config.data])
    return sizes


def initial_weights(config: VAEConfig, replicas: Sequence[int], root: str = ROOT) -> Weights:
    """Draw Glorot-uniform kernels and zero biases.

    Args:
        config: The VAE.
        replicas: Replica indices; a replica's weights do not depend on its siblings.
        root: The seed root.

    Returns:
        Weights ``{path: (replica, …)}``, float32.

    Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", 2010.
    """
    keys = config.replica_keys(len(replicas))
    streams = [
        generator(key, replica, "initial weights", root=root) for key, replica in zip(keys, replicas, strict=True)
    ]
    weights: Weights = {}
    for layer, (fan_in, fan_out) in layer_sizes(config).items():
        limit = np.sqrt(6.0 / (fan_in + fan_out))
        kernels = [stream.uniform(-limit, limit, (fan_in, fan_out)) for stream in streams]
        weights[f"{layer}/kernel"] = np.stack(kernels).astype(np.float32)
        weights[f"{layer}/bias"] = np.zeros((len(streams), 1, fan_out), np.float32)
    if config.likelihood == "gaussian_learned":
        weights["pixel_scale"] = np.full((len(streams), 1, FEATURES[config.data]), -1.0, np.float32)
    return weights
