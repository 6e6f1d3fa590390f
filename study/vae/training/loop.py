"""Train blocks of replicas until they have converged, on whichever backend Keras runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import keras
import numpy as np
from numpy.typing import NDArray

from study.errors import InvalidValue, TrainingDiverged
from study.runtime import registry
from study.runtime.memory import give_back, keep_freed
from study.runtime.threads import cores
from study.seeds import ROOT
from study.types import Weights
from study.vae.config import VAEConfig
from study.vae.initial import initial_weights
from study.vae.training.program import Backend, Chunk, Program, Trace
from study.vae.training.randomness import checked_images, chunks, epochs_in_chunk


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


def device() -> str:
    """Return what blocks are trained on, e.g. ``cpu`` or ``cuda``."""
    return _backend().device()


def _backend() -> Backend:
    """Return the module of the backend that Keras runs."""
    name = keras.backend.backend()
    try:
        return cast(Backend, registry.load("study.vae.backends", name))
    except InvalidValue as error:
        raise InvalidValue("KERAS_BACKEND", name, error.expected) from None


@lru_cache(maxsize=8)
def _program(config: VAEConfig, replicas: int) -> Program:
    keep_freed()
    return _backend().Program(config, replicas)


def train(
    config: VAEConfig,
    images: NDArray[np.float32],
    replicas: Sequence[int],
    root: str = ROOT,
    *,
    on_window: Callable[[int], None] | None = None,
) -> Training:
    """Train replicas together, until all have converged or ``config.max_epochs`` are over.

    Args:
        config: The VAE.
        images: Training images ``(n, feature)`` in [0, 1], treated as ``config.pixels`` says
            (grey values for ``redrawn``: they are binarised afresh every epoch).
        replicas: Replica indices; each has its own initial weights, order and noise.
        root: The seed root.
        on_window: Called after every window with the number of epochs trained.

    Returns:
        The trained block.

    Raises:
        InvalidValue: If the KL weights do not fit the replicas, or the images hold NaN or have another shape.
        TrainingDiverged: If a loss became non-finite; names config, step and replica.
    """
    (training,) = train_blocks([config], images, [replicas], root, on_window=on_window)
    return training


def train_blocks(
    configs: Sequence[VAEConfig],
    images: NDArray[np.float32],
    replicas: Sequence[Sequence[int]],
    root: str = ROOT,
    *,
    on_window: Callable[[int], None] | None = None,
) -> list[Training]:
    """Train several blocks as one program, each until it has converged, as :func:`train` would train it alone.

    Args:
        configs: The VAE of each block; they may differ in their KL weights only.
        images: As for :func:`train`, for all blocks.
        replicas: Replica indices of each block.
        root: The seed root.
        on_window: Called after every window with the number of epochs trained.

    Returns:
        The trained blocks; one that converges early keeps the weights of that window.

    Raises:
        InvalidValue: As for :func:`train`, or if the configs differ in more than their KL weights.
        TrainingDiverged: As for :func:`train`.
    """
    if len({config.replace(kl_weight=1.0) for config in configs}) != 1:
        raise InvalidValue("configs", [c.canonical for c in configs], "configs that differ in kl_weight only")
    indices = [index for block in replicas for index in block]
    kl_weights = [w for config, block in zip(configs, replicas, strict=True) for w in config.kl_weights(len(block))]
    config = configs[0] if len(configs) == 1 else configs[0].replace(kl_weight=tuple(kl_weights))
    images = checked_images(config, images)
    give_back()
    program = _program(config.program(), len(indices))
    program.load(initial_weights(config, indices, root), kl_weights)
    randomness = chunks_for(program, config, images, indices, root)
    at_once = epochs_in_chunk(config, len(images), len(indices))
    ends = np.cumsum([len(block) for block in replicas])
    running = {i: slice(end - len(block), end) for i, (end, block) in enumerate(zip(ends, replicas, strict=True))}
    done: dict[int, Training] = {}
    windows: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    converged: NDArray[np.bool_] = np.zeros(len(indices), np.bool_)
    epochs = 0
    while running:
        traces: list[Trace] = []
        for _ in range(config.window_epochs // at_once):
            trace = program.run(next(randomness))
            _refuse_divergence(config, trace, indices, sum(len(t.rate) for t in traces), epochs)
            traces.append(trace)
        epochs += config.window_epochs
        elbo, rate = (np.concatenate([getattr(t, name) for t in traces]) for name in ("negative_elbo", "rate"))
        windows.append((elbo.mean(0, dtype=np.float64), rate.mean(0, dtype=np.float64)))
        if len(windows) > 1 and epochs - 2 * config.window_epochs >= config.kl_warmup_epochs:
            moved = np.abs(np.subtract(windows[-1], windows[-2]))
            converged = np.asarray((moved <= config.tolerance).all(axis=0))
        if on_window is not None:
            on_window(epochs)
        over = epochs >= config.max_epochs
        finished = [i for i, own in running.items() if over or converged[own].all()]
        weights = program.weights() if finished else {}
        for i in finished:
            own = running.pop(i)
            done[i] = Training(
                weights={path: value[own] for path, value in weights.items()},
                epochs=epochs,
                device=program.device,
                converged=converged[own],
                negative_elbo=np.stack([elbo[own] for elbo, _ in windows]),
                rate=np.stack([rate[own] for _, rate in windows]),
            )
    return [done[i] for i in range(len(configs))]


def chunks_for(
    program: Program, config: VAEConfig, images: NDArray[np.float32], replicas: Sequence[int], root: str = ROOT
) -> Iterator[Chunk]:
    """Yield the randomness of training as it serves a program's device best; the same numbers for all of them.

    Images that stay the same are put on the device once. While an accelerator works on a chunk, all cores of the
    processor draw the next one.

    Args:
        program: The program.
        config: The VAE.
        images: Training images ``(n, feature)``.
        replicas: Replica indices.
        root: The seed root.

    Yields:
        As :func:`study.vae.training.randomness.chunks`.
    """
    seen = images if config.pixels == "redrawn" else program.place(images)
    if program.device == "cpu":
        return chunks(config, seen, replicas, root)
    return _ahead(chunks(config, seen, replicas, root, cores()))


def _ahead(randomness: Iterator[Chunk]) -> Iterator[Chunk]:
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(next, randomness)
        while True:
            chunk = following.result()
            following = pool.submit(next, randomness)
            yield chunk


def _refuse_divergence(config: VAEConfig, trace: Trace, replicas: Sequence[int], step: int, epochs: int) -> None:
    bad = ~(np.isfinite(trace.negative_elbo) & np.isfinite(trace.rate))
    if bad.any():
        first, which = np.argwhere(bad)[0]
        raise TrainingDiverged(
            f"loss: expected a finite number, received {trace.negative_elbo[first, which]} at step {step + first} "
            f"after epoch {epochs}, replica {replicas[which]}, config {config.canonical}. "
            "A smaller learning_rate usually helps."
        )
