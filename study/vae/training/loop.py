"""Train blocks of replicas, on whichever backend Keras runs."""

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
from study.vae.initial import decoder_paths, initial_weights
from study.vae.training.program import Backend, Chunk, Program, Trace
from study.vae.training.randomness import checked_images, chunks, epochs_in_chunk

PARTS = 12
"""Parts of a training whose means are kept, to see how it went."""


@dataclass(frozen=True)
class Training:
    """A trained block.

    Attributes:
        weights: Final weights ``{path: (replica, …)}``; of no use where a replica's loss was not finite.
        epochs: Epochs trained.
        device: What it was trained on, e.g. ``cpu``.
        finite: ``(replica,)``: whether loss and weights were finite throughout.
        negative_elbo: ``(part, replica)`` means over :data:`PARTS` parts of all epochs, on the training data, nats.
        rate: ``(part, replica)``, alike.
    """

    weights: Weights
    epochs: int
    device: str
    finite: NDArray[np.bool_]
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
    decoder: Weights | None = None,
    on_chunk: Callable[[int], None] | None = None,
) -> Training:
    """Train replicas together, for ``config.epochs`` epochs.

    Args:
        config: The VAE.
        images: Training images ``(n, feature)`` in [0, 1], treated as ``config.pixels`` says
            (grey values for ``redrawn``: they are binarised afresh every epoch).
        replicas: Replica indices; each has its own initial weights, order, noise and redraws.
        root: The seed root.
        decoder: Weights of ``config.base()`` for these replicas, where the config holds its decoder.
        on_chunk: Called now and then with the number of epochs trained.

    Returns:
        The trained block.

    Raises:
        InvalidValue: If the KL weights or the decoder do not fit the replicas, or the images hold NaN or have another
            shape.
        TrainingDiverged: If the loss of every replica became non-finite; names config, step and replica.
    """
    (training,) = train_blocks([config], images, [replicas], root, decoders=[decoder], on_chunk=on_chunk)
    return training


def train_blocks(
    configs: Sequence[VAEConfig],
    images: NDArray[np.float32],
    replicas: Sequence[Sequence[int]],
    root: str = ROOT,
    *,
    decoders: Sequence[Weights | None] | None = None,
    on_chunk: Callable[[int], None] | None = None,
) -> list[Training]:
    """Train several blocks as one program, each as :func:`train` would train it alone.

    Args:
        configs: The VAE of each block; they may differ in their KL weights only.
        images: As for :func:`train`, for all blocks.
        replicas: Replica indices of each block.
        root: The seed root.
        decoders: As for :func:`train`, of each block; None for none.
        on_chunk: Called now and then with the number of epochs trained.

    Returns:
        The trained blocks.

    Raises:
        InvalidValue: As for :func:`train`, or if the configs differ in more than their KL weights.
        TrainingDiverged: As for :func:`train`, of any block.
    """
    if len({config.replace(kl_weight=1.0) for config in configs}) != 1:
        raise InvalidValue("configs", [c.canonical for c in configs], "configs that differ in kl_weight only")
    indices = [index for block in replicas for index in block]
    kl_weights = [w for config, block in zip(configs, replicas, strict=True) for w in config.kl_weights(len(block))]
    config = configs[0] if len(configs) == 1 else configs[0].replace(kl_weight=tuple(kl_weights))
    images = checked_images(config, images)
    held = _held(config, decoders or [None] * len(configs), replicas)
    give_back()
    program = _program(config.program(), len(indices))
    program.load({**initial_weights(config, indices, root), **held}, kl_weights, held.keys())
    ends = np.cumsum([len(block) for block in replicas])
    blocks = [slice(end - len(block), end) for end, block in zip(ends, replicas, strict=True)]
    finite: NDArray[np.bool_] = np.ones(len(indices), np.bool_)
    epochs, by_epoch = 0, list[NDArray[np.float64]]()
    for chunk in chunks_for(program, config, images, indices, root):
        trace = program.run(chunk)
        each = np.stack([trace.negative_elbo, trace.rate])  # (2, step, replica)
        alive, finite = finite, finite & np.isfinite(each).all(axis=(0, 1))
        for own in blocks:
            if not finite[own].any():
                _refuse_divergence(config, trace, indices, own, alive, epochs)
        done = epochs_in_chunk(config, len(images), len(indices))
        by_epoch += list(each.astype(np.float64).reshape(2, done, -1, len(indices)).mean(2).swapaxes(0, 1))
        epochs += done
        if on_chunk is not None:
            on_chunk(epochs)
    weights = program.weights()
    finite &= np.all([np.isfinite(w).all(axis=tuple(range(1, w.ndim))) for w in weights.values()], axis=0)
    parts = np.array_split(np.stack(by_epoch), min(PARTS, epochs))  # (epoch, 2, replica) each
    elbo, rate = np.stack([part.mean(axis=0) for part in parts], axis=1)
    return [
        Training(
            weights={path: value[own] for path, value in weights.items()},
            epochs=epochs,
            device=program.device,
            finite=finite[own],
            negative_elbo=elbo[:, own],
            rate=rate[:, own],
        )
        for own in blocks
    ]


def _held(config: VAEConfig, decoders: Sequence[Weights | None], replicas: Sequence[Sequence[int]]) -> Weights:
    """Return the weights of the decoders that are held, of all blocks; nothing where they are trained."""
    base = config.base()
    if base is None or any(decoder is None for decoder in decoders):
        if base is not None or any(decoder is not None for decoder in decoders):
            expected = "none, as it is trained, too" if base is None else f"trained weights of {base.canonical}"
            raise InvalidValue("decoder", None if base else "weights", expected)
        return {}
    given = [decoder for decoder in decoders if decoder is not None]
    held = {path: np.concatenate([one[path] for one in given]) for path in sorted(decoder_paths(config))}
    counts = [len(next(iter(one.values()))) for one in given]
    if counts != list(map(len, replicas)):
        raise InvalidValue("decoder", f"{counts} replicas", f"{list(map(len, replicas))} replicas")
    return held


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
        following = pool.submit(next, randomness, None)
        while (chunk := following.result()) is not None:
            following = pool.submit(next, randomness, None)
            yield chunk


def _refuse_divergence(
    config: VAEConfig, trace: Trace, replicas: Sequence[int], own: slice, alive: NDArray[np.bool_], epochs: int
) -> None:
    """Name the step and the replica that diverged last of a block: until then there was something to go on with."""
    bad = ~(np.isfinite(trace.negative_elbo) & np.isfinite(trace.rate))
    first = np.where(alive, bad.argmax(axis=0), -1)[own]
    which = int(first.argmax()) + own.start
    step = int(first.max())
    raise TrainingDiverged(
        f"loss: expected a finite number in one replica at least, received {trace.negative_elbo[step, which]} at step "
        f"{step} after epoch {epochs}, replica {replicas[which]}, config {config.canonical}. "
        "A smaller learning_rate usually helps."
    )
