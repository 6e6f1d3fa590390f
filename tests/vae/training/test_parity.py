"""Every backend trains a block of digits as NumPy does in float64, from the same seeds.

Initial weights, redrawn pixels, order and noise are drawn on the host, so that backends differ by the rounding of
float32 alone. It grows as training goes on: to a hundred-thousandth after three epochs, 33 steps; after the 600 of the
recipe, where minima part, in the second digit of single VAEs.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from study.data.loading import load
from study.design.contexts import LISTED
from study.types import Weights
from study.vae.config import BLOCK, VAEConfig
from study.vae.initial import initial_weights
from study.vae.training.loop import Training, train
from study.vae.training.randomness import chunks

EPOCHS = 3
TOLERANCE = 1e-4
"""Of weights, and of nats relative to their size: ten times the rounding that was seen."""
FIRST, SECOND, SMALL = 0.9, 0.999, 1e-7  # Adam's


@pytest.fixture(scope="module")
def config() -> VAEConfig:
    """The VAE of the listed context of tanh, for a few epochs; its warm-up is no shorter than they are."""
    return LISTED[1].config("digits", "quick").replace(epochs=EPOCHS, kl_warmup_epochs=2)


@pytest.fixture(scope="module")
def trained(config: VAEConfig) -> Training:
    return train(config, load("digits").train_x, range(BLOCK))


def by_hand(config: VAEConfig, root: str) -> tuple[Weights, np.ndarray, np.ndarray]:
    """Train one hidden layer of tanh in either network; return the weights, and negative ELBO and rate by epoch."""
    weights = {path: one.astype(np.float64) for path, one in initial_weights(config, range(BLOCK), root).items()}
    moments = {path: np.zeros((2, *one.shape)) for path, one in weights.items()}
    traces, count = [], 0
    for chunk in chunks(config, load("digits").train_x, range(BLOCK), root):
        for rows, noise, warmup, rate in zip(chunk.order, chunk.noise, chunk.warmup, chunk.learning_rate, strict=True):
            gradients, trace = slopes(weights, chunk.images[rows].astype(float), noise, config.kl_weight * warmup)
            traces.append(trace)
            count += 1
            step = rate * np.sqrt(1 - SECOND**count) / (1 - FIRST**count)
            for path, slope in gradients.items():
                first, second = moments[path]
                first += (1 - FIRST) * (slope - first)
                second += (1 - SECOND) * (slope**2 - second)
                weights[path] = weights[path] - step * first / (np.sqrt(second) + SMALL)
    elbo, kl = np.array(traces).reshape(config.epochs, -1, 2, BLOCK).mean(1).swapaxes(0, 1)
    return weights, elbo, kl


def slopes(w: Weights, x: np.ndarray, noise: np.ndarray, kl_weight: float) -> tuple[Weights, np.ndarray]:
    """Gradients of the loss by the chain rule, and negative ELBO and rate, ``(2, replica)``."""
    hidden = np.tanh(x @ w["encoder_0/kernel"] + w["encoder_0/bias"])
    mean, log_var = np.split(hidden @ w["posterior/kernel"] + w["posterior/bias"], 2, axis=-1)
    scale = np.exp(log_var / 2)
    z = mean + scale * noise
    decoded = np.tanh(z @ w["decoder_0/kernel"] + w["decoder_0/bias"])
    logits = decoded @ w["output/kernel"] + w["output/bias"]
    likelihood = (x * logits - np.logaddexp(0, logits)).sum(-1)
    kl = 0.5 * (mean**2 + scale**2 - log_var - 1).sum(-1)

    count = x.shape[1]
    d_logits = (expit(logits) - x) / count
    d_decoded = d_logits @ w["output/kernel"].swapaxes(1, 2) * (1 - decoded**2)
    d_z = d_decoded @ w["decoder_0/kernel"].swapaxes(1, 2)
    d_mean = d_z + kl_weight * mean / count
    d_log_var = d_z * noise * scale / 2 + kl_weight * (scale**2 - 1) / 2 / count
    d_both = np.concatenate([d_mean, d_log_var], axis=-1)
    d_hidden = d_both @ w["posterior/kernel"].swapaxes(1, 2) * (1 - hidden**2)
    gradients = {}
    layers = {
        "encoder_0": (x, d_hidden), "posterior": (hidden, d_both), "decoder_0": (z, d_decoded),
        "output": (decoded, d_logits),
    }  # fmt: skip
    for name, (inputs, d_outputs) in layers.items():
        gradients[f"{name}/kernel"] = inputs.swapaxes(1, 2) @ d_outputs
        gradients[f"{name}/bias"] = d_outputs.sum(1, keepdims=True)
    return gradients, np.stack([(kl - likelihood).mean(1), kl.mean(1)])


def largest(trained: Training, weights: Weights, elbo: np.ndarray, kl: np.ndarray) -> float:
    """Largest difference of a weight, or of nats relative to their size."""
    assert trained.weights.keys() == weights.keys()
    apart = [float(np.abs(trained.weights[path] - one).max()) for path, one in weights.items()]
    nats = ((trained.negative_elbo, elbo), (trained.rate, kl))
    return max(*apart, *(float((np.abs(one - other) / np.maximum(1, np.abs(other))).max()) for one, other in nats))


def test_a_block_is_trained_as_by_hand(config: VAEConfig, trained: Training) -> None:
    assert largest(trained, *by_hand(config, "vae-claims-3")) < TOLERANCE


def test_other_seeds_and_another_weight_would_be_seen(config: VAEConfig, trained: Training) -> None:
    assert largest(trained, *by_hand(config, "other seeds")) > 100 * TOLERANCE
    assert largest(trained, *by_hand(config.replace(kl_warmup_epochs=3), "vae-claims-3")) > 10 * TOLERANCE
