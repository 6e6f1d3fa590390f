"""Train a block of replicas until it has converged, on whichever backend Keras runs."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import keras
import numpy as np
from numpy.typing import NDArray

from study.config import VAEConfig
from study.errors import InvalidValue, TrainingDiverged
from study.models.initial import Weights, initial_weights
from study.training.contract import Program, Trace, checked_images, chunks, epochs_in_chunk

PROGRAMS = {"jax": "JaxProgram", "tensorflow": "TensorflowProgram", "torch": "TorchProgram"}


@dataclass(frozen=True)
class Training:
    """A trained block.

    Attributes:
        weights: Final weights ``{path: (replica, …)}``.
        epochs: Epochs trained.
        device: What it was trained on, e.g. ``cpu``.
        converged: ``(replica,)``: neither the ELBO nor the rate moved by more than the config's
            tolerance between the means of the last two windows.
        negative_elbo: ``(window, replica)`` window means on the training data, nats.
        rate: ``(window, replica)`` window means on the training data, nats.
    """

    weights: Weights
    epochs: int
    device: str
    converged: NDArray[np.bool_]
    negative_elbo: NDArray[np.float64]
    rate: NDArray[np.float64]


@lru_cache(maxsize=8)
def _program(config: VAEConfig, replicas: int) -> Program:
    backend = keras.backend.backend()
    if backend not in PROGRAMS:
        raise InvalidValue("KERAS_BACKEND", backend, "one of " + ", ".join(map(repr, PROGRAMS)))
    module = importlib.import_module(f"study.training.{backend}_program")
    return getattr(module, PROGRAMS[backend])(config, replicas)


def train(
    config: VAEConfig,
    images: NDArray[np.float32],
    replicas: Sequence[int],
    *,
    on_window: Callable[[int], None] | None = None,
) -> Training:
    """Train replicas together, until all have converged or ``config.max_epochs`` are over.

    Args:
        config: The VAE.
        images: Training images ``(n, feature)`` in [0, 1], treated as ``config.pixels`` says
            (grey values for ``redrawn``: they are binarised afresh every epoch).
        replicas: Replica indices; each has its own initial weights, order and noise.
        on_window: Called after every window with the number of epochs trained.

    Returns:
        The trained block.

    Raises:
        InvalidValue: If the KL weights do not fit the replicas, or the images hold NaN or have another shape.
        TrainingDiverged: If a loss became non-finite; names config, step and replica.
    """
    kl_weights = config.kl_weights(len(replicas))
    images = checked_images(config, images)
    program = _program(config.program(), len(replicas))
    program.load(initial_weights(config, replicas), kl_weights)
    randomness = chunks(config, images, replicas)
    at_once = epochs_in_chunk(config, len(images), len(replicas))
    windows: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    converged: NDArray[np.bool_] = np.zeros(len(replicas), np.bool_)
    epochs = 0
    while not converged.all() and epochs < config.max_epochs:
        traces: list[Trace] = []
        for _ in range(config.window_epochs // at_once):
            trace = program.run(next(randomness))
            _refuse_divergence(config, trace, replicas, sum(len(t.rate) for t in traces), epochs)
            traces.append(trace)
        epochs += config.window_epochs
        elbo, rate = (np.concatenate([getattr(t, name) for t in traces]) for name in ("negative_elbo", "rate"))
        windows.append((elbo.mean(0, dtype=np.float64), rate.mean(0, dtype=np.float64)))
        if len(windows) > 1 and epochs - 2 * config.window_epochs >= config.kl_warmup_epochs:
            moved = np.abs(np.subtract(windows[-1], windows[-2]))
            converged = np.asarray((moved <= config.tolerance).all(axis=0))
        if on_window is not None:
            on_window(epochs)
    return Training(
        weights=program.weights(),
        epochs=epochs,
        device=program.device,
        converged=converged,
        negative_elbo=np.stack([elbo for elbo, _ in windows]),
        rate=np.stack([rate for _, rate in windows]),
    )


def _refuse_divergence(config: VAEConfig, trace: Trace, replicas: Sequence[int], step: int, epochs: int) -> None:
    bad = ~(np.isfinite(trace.negative_elbo) & np.isfinite(trace.rate))
    if bad.any():
        first, which = np.argwhere(bad)[0]
        raise TrainingDiverged(
            f"loss: expected a finite number, received {trace.negative_elbo[first, which]} at step {step + first} "
            f"after epoch {epochs}, replica {replicas[which]}, config {config.canonical}. "
            "A smaller learning_rate usually helps."
        )
