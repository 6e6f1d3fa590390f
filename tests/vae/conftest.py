"""A VAE in NumPy and SciPy, float64 and written from the formulas: the reference of every backend."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special, stats

from study.vae.config import VAEConfig

Array = NDArray[np.float64]

ACTIVATIONS = {
    "relu": lambda a: a * (a > 0),
    "tanh": np.tanh,
    "softplus": lambda a: np.logaddexp(a, 0),
    "gelu": lambda a: a * stats.norm.cdf(a),
    "elu": lambda a: np.where(a > 0, a, np.expm1(np.minimum(a, 0))),
    "silu": lambda a: a * special.expit(a),
}


def log_likelihood(config: VAEConfig, x: Array, output: Array, pixel_scale: Array | float = 0.0) -> Array:
    """log p(x | decoder's output), nats per pixel; the continuous Bernoulli by its density e^(lx) / ∫ e^(lt) dt."""
    if config.likelihood == "bernoulli":
        return np.log(special.expit(np.where(x > 0.5, output, -output)))
    if config.likelihood == "continuous_bernoulli":
        logit = 12 * np.tanh(output / 12)
        safe = np.where(logit == 0, 1, logit)
        return logit * x - np.where(logit == 0, 0, np.log(np.expm1(safe) / safe))
    learned = config.likelihood == "gaussian_learned"
    return stats.norm.logpdf(x, output, config.gaussian_scale + learned * np.logaddexp(pixel_scale, 0))


def network(config: VAEConfig, weights: Mapping[str, Array], names: list[str], last: str, x: Array) -> Array:
    for name in names:
        x = ACTIVATIONS[config.activation](x @ weights[f"{name}/kernel"] + weights[f"{name}/bias"])
    return x @ weights[f"{last}/kernel"] + weights[f"{last}/bias"]


def encode(config: VAEConfig, weights: Mapping[str, Array], x: Array) -> tuple[Array, Array]:
    hidden = [f"encoder_{i}" for i in range(config.encoder_depth)]
    return tuple(np.split(network(config, weights, hidden, "posterior", x), 2, axis=-1))


def elbo_terms(config: VAEConfig, weights: Mapping[str, Array], x: Array, noise: Array) -> tuple[Array, Array]:
    """log p(x|z) at z = mean + scale × noise, and KL(q(z|x) ‖ N(0, I)) as E_q of a log ratio; ``(replica, batch)``."""
    weights = {path: np.asarray(value, np.float64) for path, value in weights.items()}
    mean, log_var = encode(config, weights, np.asarray(x, np.float64))
    variance = np.exp(log_var)
    hidden = [f"decoder_{i}" for i in range(config.decoder_depth)]
    output = network(config, weights, hidden, "output", mean + np.sqrt(variance) * noise)
    pixels = log_likelihood(config, x, output, weights.get("pixel_scale", 0.0))
    kl = stats.norm.entropy() + 0.5 * (mean**2 + variance - 1) - stats.norm.entropy(scale=np.sqrt(variance))
    return pixels.sum(axis=-1), kl.sum(axis=-1)


@pytest.fixture(scope="session")
def reference() -> SimpleNamespace:
    return SimpleNamespace(log_likelihood=log_likelihood, encode=encode, elbo_terms=elbo_terms)
