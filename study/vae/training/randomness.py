"""The randomness of training, drawn on the host: redrawn pixels, the order of the images, the noise of the latents.

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
from study.vae.training.schedule import learning_rate, warmup

BYTES_AT_ONCE = 64 * 2**20
"""What is handed to a program in one call stays under this many bytes, unless one epoch takes more."""
EPOCHS_AT_ONCE = 50
"""And under this many epochs."""


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
    """Yield the randomness of training, a fixed number of whole epochs at a time.

    Args:
        config: The VAE.
        images: Training images ``(n, feature)``: grey values if ``config.pixels`` is ``redrawn``
            (binarised here, afresh every epoch and for every replica), else as they are used, by whatever holds them.
        replicas: Replica indices.
        root: The seed root.
        threads: Threads that draw; each replica has streams of its own, so their number changes nothing.

    Yields:
        Chunks of :func:`epochs_in_chunk` epochs, as many as the config trains for.
    """
    batch = min(config.batch_size, len(images))
    steps = len(images) // batch
    at_once = epochs_in_chunk(config, len(images), len(replicas))
    seeded = list(zip(config.replica_keys(len(replicas)), replicas, strict=True))
    orders = [generator(key, replica, "order", root=root) for key, replica in seeded]
    noises = [generator(key, replica, "noise", root=root) for key, replica in seeded]
    redraws = None
    if config.pixels == "redrawn":
        redraws = [Redraws(images, generator(key, replica, "pixels", root=root)) for key, replica in seeded]
    pool = ThreadPoolExecutor(threads) if threads > 1 else None
    for epoch in range(0, config.epochs, at_once):
        order = np.empty((at_once, steps, len(replicas), batch), np.int32)
        noise = np.empty((len(replicas), at_once * steps, batch, config.latent_dim), np.float32)

        # Rows of one epoch's redraws of one replica lie together: (epoch, replica, image).
        seen = images if redraws is None else np.empty((at_once, len(replicas), *images.shape), np.uint8)

        def draw(index: int, order: NDArray[np.int32] = order, noise: Float32 = noise, seen: Any = seen) -> None:
            # The last, partial batch is left out; it is another one every epoch.
            for i in range(at_once):
                rows = orders[index].permutation(len(images))[: steps * batch].reshape(steps, batch)
                if redraws is not None:
                    redraws[index].draw(seen[i, index])
                    rows = rows + (i * len(replicas) + index) * len(images)
                order[i, :, index] = rows
            noises[index].standard_normal(dtype=np.float32, out=noise[index])

        for _ in (pool.map if pool else map)(draw, range(len(replicas))):
            pass
        epochs = np.repeat(np.arange(epoch, epoch + at_once), steps)
        yield Chunk(
            images=seen if redraws is None else seen.reshape(-1, images.shape[1]),
            order=order.reshape(at_once * steps, len(replicas), batch),
            noise=np.ascontiguousarray(noise.swapaxes(0, 1)),
            warmup=warmup(config, epochs),
            learning_rate=learning_rate(config, epoch * steps + np.arange(at_once * steps), config.epochs * steps),
        )


class Redraws:
    """One replica's redraws of grey images: each pixel white with the probability that is its grey value.

    A probability is compared with 16 random bits, and so is off by 2⁻¹⁷ at most; black stays black, and white white.
    """

    def __init__(self, images: Float32, rng: np.random.Generator) -> None:
        """Take grey images ``(n, feature)`` in [0, 1], and what draws."""
        self.bits = rng.bit_generator
        self.thresholds = np.minimum(np.rint(images * 65_536.0), 65_535).astype(np.uint16).ravel()
        self.white = (images >= 1).ravel()

    def draw(self, out: NDArray[np.uint8]) -> None:
        """Fill ``(n, feature)`` with the next redraw, 0 and 1."""
        count = self.thresholds.size
        random = self.bits.random_raw(-(-count // 4)).view(np.uint16)[:count]
        flat = out.reshape(-1).view(np.bool_)
        np.less(random, self.thresholds, out=flat)
        np.logical_or(flat, self.white, out=flat)


def epochs_in_chunk(config: VAEConfig, images: int, replicas: int) -> int:
    """Return how many epochs a chunk holds: a divisor of all epochs that fits the bounds, so that chunks are alike."""
    per_image = 4 * (config.latent_dim + 1) + (FEATURES[config.data] if config.pixels == "redrawn" else 0)
    fits = min(EPOCHS_AT_ONCE, max(1, BYTES_AT_ONCE // (per_image * images * replicas)))
    return max(e for e in range(1, fits + 1) if config.epochs % e == 0)
