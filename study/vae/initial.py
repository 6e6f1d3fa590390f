"""Initial weights: each replica's own kernels, drawn on the host, equal on every backend."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from study.seeds import ROOT, generator
from study.types import FEATURES, Weights
from study.vae.config import VAEConfig
from study.vae.likelihoods import _contract as likelihoods
from study.vae.networks import _contract as networks


def decoder_paths(config: VAEConfig) -> frozenset[str]:
    """Return the paths of the decoder's weights, those of the likelihood's own variables among them."""
    layers = list(networks.load(config.network).layers(config))
    decoder = layers[layers.index("posterior") + 1 :]
    dense = {f"{layer}/{part}" for layer in decoder for part in ("kernel", "bias")}
    return frozenset(dense | set(likelihoods.load(config.likelihood).VARIABLES))


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
    for layer, (fan_in, fan_out, _) in networks.load(config.network).layers(config).items():
        limit = np.sqrt(6.0 / (fan_in + fan_out))
        kernels = [stream.uniform(-limit, limit, (fan_in, fan_out)) for stream in streams]
        weights[f"{layer}/kernel"] = np.stack(kernels).astype(np.float32)
        weights[f"{layer}/bias"] = np.zeros((len(streams), 1, fan_out), np.float32)
    for name, value in likelihoods.load(config.likelihood).VARIABLES.items():
        weights[name] = np.full((len(streams), 1, FEATURES[config.data]), value, np.float32)
    return weights
