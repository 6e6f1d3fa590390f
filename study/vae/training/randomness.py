"""The randomness of training, drawn on the host: the order of the images and the noise of the latent draws.

Each is drawn per replica from hashed seeds, so that every backend trains on the same bytes and a replica does not
depend on its siblings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from study.errors import InvalidValue
from study.seeds import ROOT, generator
from study.types import FEATURES, Float32
from study.vae.config import VAEConfig
from study.vae.training.program import Chunk
from study.vae.training.schedule import warmup

BYTES_AT_ONCE = 64 * 2**20
"""Noise and order handed to a program in one call stay under this many bytes, unless one epoch takes more."""


def checked_images(config: VAEConfig, images: ArrayLike) -> Float32:
    """Return training images as float32, refusing another shape and values that are not finite."""
    array = np.asarray(images, np.float32)
    if array.ndim != 2 or array.shape[1] != FEATURES[config.data] or len(array) == 0:
        raise InvalidValue("images", f"shape {array.shape}", f"images of shape (n, {FEATURES[config.data]}), n ≥ 1")
    if not np.isfinite(array).all():
        raise InvalidValue("images", "values that are not finite", "finite pixels in [0, 1]")
    return array


def chunks(
    config: VAEConfig, images: Any, replicas: Sequence[int], root: str = ROOT, threads: int = 1
) -> Iterator[Chunk]:
    """Yield the randomness of training, endlessly, a fixed number of whole epochs at a time.

    Args:
        config: The VAE.
        images: Training images ``(n, feature)``: grey values if ``config.pixels`` is ``redrawn``
            (binarised here, afresh every epoch), else as they are used, by whatever holds them.
        replicas: Replica indices.
        root: The seed root.
        threads: Threads that draw; each replica has streams of its own, so their number changes nothing.

    Yields:
        Chunks of :func:`epochs_in_chunk` epochs.
    """
    batch = min(config.batch_size, len(images))
    steps = len(images) // batch
    at_once = epochs_in_chunk(config, len(images), len(replicas))
    seeded = list(zip(config.replica_keys(len(replicas)), replicas, strict=True))
    orders = [generator(key, replica, "order", root=root) for key, replica in seeded]
    noises = [generator(key, replica, "noise", root=root) for key, replica in seeded]
    pixels = generator(
        config.replace(kl_weight=1.0).key, "pixels", root=root
    )  # shared by replicas, whatever their KL weights
    pool = ThreadPoolExecutor(threads) if threads > 1 else None
    epoch = 0
    while True:
        order = np.empty((at_once, steps, len(replicas), batch), np.int32)
        noise = np.empty((len(replicas), at_once * steps, batch, config.latent_dim), np.float32)

        def draw(index: int, order: NDArray[np.int32] = order, noise: Float32 = noise) -> None:
            # The last, partial batch is left out; it is another one every epoch.
            for i in range(at_once):
                order[i, :, index] = orders[index].permutation(len(images))[: steps * batch].reshape(steps, batch)
            noises[index].standard_normal(dtype=np.float32, out=noise[index])

        for _ in (pool.map if pool else map)(draw, range(len(replicas))):
            pass
        epochs = np.repeat(np.arange(epoch, epoch + at_once), steps)
        seen = images
        if config.pixels == "redrawn":
            seen = (pixels.random(images.shape, dtype=np.float32) < images).astype(np.float32)
        yield Chunk(
            images=seen,
            order=order.reshape(at_once * steps, len(replicas), batch),
            noise=np.ascontiguousarray(noise.swapaxes(0, 1)),
            warmup=warmup(config, epochs),
        )
        epoch += at_once


def epochs_in_chunk(config: VAEConfig, images: int, replicas: int) -> int:
    """Return how many epochs a chunk holds: a divisor of the window that fits the memory bound.

    With redrawn pixels it is one, since every epoch sees other images.
    """
    if config.pixels == "redrawn":
        return 1
    fits = BYTES_AT_ONCE // (4 * images * replicas * (config.latent_dim + 1))
    return max(e for e in range(1, config.window_epochs + 1) if config.window_epochs % e == 0 and e <= max(1, fits))
