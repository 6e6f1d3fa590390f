"""One unit of work: train or recall a block, then measure it; run here or in a worker process.

Only this file of the lab needs a deep-learning framework, and only when something is not in the
cache: it imports it on the way.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from study.data.loading import load
from study.data.treatment import pixels
from study.errors import InvalidValue
from study.lab import panels
from study.lab.cache import MEASURING_CODE, POSTERIOR_CODE, TRAINING_CODE, Arrays, Block, Shelf
from study.latent.gaussians import DiagonalGaussians
from study.runtime.backends import precision
from study.vae.config import BLOCK, VAEConfig

if TYPE_CHECKING:
    from study.vae.training.loop import Training

AT_ONCE = 4_096
"""Images encoded, or latents decoded, in one call per replica."""


@dataclass(frozen=True)
class Receipt:
    """What came of one block.

    Attributes:
        block: The block.
        trained: Whether it was trained now, not recalled.
        seconds: Time taken, in seconds.
    """

    block: Block
    trained: bool
    seconds: float


@dataclass(frozen=True)
class Status:
    """What the cache says of a trained block.

    Attributes:
        epochs: Epochs trained.
        device: What it was trained on.
        converged: Whether each replica had converged, ``(replica,)``.
    """

    epochs: int
    device: str
    converged: NDArray[np.bool_]


@dataclass(frozen=True)
class Bench:
    """Where work is done: a cache folder and a backend.

    Attributes:
        cache: Root of the cache.
        backend: Name of the Keras backend.
    """

    cache: Path
    backend: str

    def shelf(self, block: Block) -> Shelf:
        """Return the files of a block."""
        return Shelf(self.cache, block.key(self.backend, _data_digest(block.config.data, block.config.images)))

    def values(self, block: Block, panel: str) -> panels.Values | None:
        """Return the cached values of a panel, or None."""
        found = self.shelf(block).values(panel, MEASURING_CODE)
        return None if found is None else panels.from_json(found)

    def status(self, block: Block) -> Status | None:
        """Return what is known of a trained block, or None if it is not in the cache."""
        found = self.shelf(block).values("training", TRAINING_CODE)
        return None if found is None else Status(found["epochs"], found["device"], np.array(found["converged"], bool))

    def posteriors(self, block: Block) -> tuple[DiagonalGaussians, DiagonalGaussians] | None:
        """Return the cached posteriors of the training and held-out images, or None."""
        found = self.shelf(block).arrays("posterior", POSTERIOR_CODE)
        return None if found is None else _gaussians(found[0])

    def missing(self, blocks: Iterable[Block], panel_names: Sequence[str]) -> list[Block]:
        """Return the blocks of which something is not in the cache."""
        return [
            block
            for block in blocks
            if self.status(block) is None or any(self.values(block, name) is None for name in panel_names)
        ]

    def work(self, blocks: Sequence[Block], panel_names: Sequence[str]) -> list[Receipt]:
        """Train or recall blocks and measure them, one after the other."""
        return list(self.receipts(blocks, panel_names))

    def receipts(self, blocks: Sequence[Block], panel_names: Sequence[str]) -> Iterator[Receipt]:
        """Train or recall blocks and measure them; those that another process is at come last."""
        busy = []
        for group in self.groups(blocks):
            trained = self.train(group) if len(group) > 1 else set()
            for block in group:
                try:
                    receipt = self.work_one(block, panel_names, wait=False)
                except Timeout:
                    busy.append(block)
                else:
                    yield replace(receipt, trained=receipt.trained or block in trained)
        for block in busy:
            yield self.work_one(block, panel_names)

    def groups(self, blocks: Sequence[Block]) -> Iterator[list[Block]]:
        """Gather the untrained blocks that one program trains best; the others stay alone, and come first."""
        alike: dict[VAEConfig, list[Block]] = {}
        for block in blocks:
            if self.status(block) is None:
                alike.setdefault(block.config.replace(kl_weight=1.0), []).append(block)
            else:
                yield [block]
        for config, members in alike.items():
            from study.vae.training.loop import blocks_together

            size = blocks_together(config, BLOCK) if len(members) > 1 else 1
            yield from ([*members[i : i + size]] for i in range(0, len(members), size))

    def train(self, blocks: Sequence[Block]) -> set[Block]:
        """Train blocks as one program, but for those that another process is at; return which were trained."""
        with ExitStack() as locks:
            free = []
            for block in blocks:
                shelf = self.shelf(block)
                shelf.folder.mkdir(parents=True, exist_ok=True)
                with suppress(Timeout):
                    locks.enter_context(FileLock(shelf.folder / "lock", blocking=False))
                    free.append(Trained(block, shelf))
            return {trained.block for trained in ensure(free)}

    def work_one(self, block: Block, panel_names: Sequence[str], *, wait: bool = True) -> Receipt:
        """Train or recall a block, and measure what is missing, under the block's lock.

        The lock only keeps two processes from doing the same work; files are published atomically,
        so that the outcome is right without it.

        Raises:
            Timeout: If another process is at the block, and ``wait`` is False.
        """
        started = time.perf_counter()
        shelf = self.shelf(block)
        shelf.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(shelf.folder / "lock", blocking=wait):
            trained = Trained(block, shelf)
            trained_now = bool(ensure([trained]))
            for name in panel_names:
                if self.values(block, name) is None:
                    values = panels.PANELS[name](trained.measured)
                    shelf.publish_values(name, MEASURING_CODE, panels.to_json(values))
        return Receipt(block, trained_now, time.perf_counter() - started)


class Trained:
    """A block with its model, made only when needed."""

    def __init__(self, block: Block, shelf: Shelf) -> None:
        """Name the block and where its files are."""
        self.block = block
        self.shelf = shelf
        self.config = block.config

    def known(self) -> bool:
        """Say whether the trained block is in the cache."""
        return self._recall() is not None and self.shelf.values("training", TRAINING_CODE) is not None

    def publish(self, training: Training) -> None:
        """Put the trained block into the cache."""
        self.shelf.publish_arrays("weights", TRAINING_CODE, training.weights, {"config": self.config.as_dict()})
        about = {
            "epochs": training.epochs,
            "device": training.device,
            "converged": training.converged.tolist(),
            "negative_elbo": training.negative_elbo.tolist(),
            "rate": training.rate.tolist(),
        }
        self.shelf.publish_values("training", TRAINING_CODE, about)

    def _recall(self) -> Arrays | None:
        found = self.shelf.arrays("weights", TRAINING_CODE)
        return None if found is None else found[0]

    @cached_property
    def model(self) -> Any:
        """The VAE with the trained weights."""
        weights = self._recall()
        if weights is None:
            raise FileNotFoundError(self.shelf.folder)
        model = _model(self.config.program())
        model.load_stacked(weights)
        return model

    @cached_property
    def measured(self) -> panels.Measured:
        """What the panels look at; posteriors are recalled, or computed and kept."""
        found = self.shelf.arrays("posterior", POSTERIOR_CODE)
        if found is None:
            arrays = {
                f"{split}_{name}": value
                for split in ("train", "heldout")
                for name, value in zip(("mean", "log_var"), self.encode(_images(self.config, split)), strict=True)
            }
            self.shelf.publish_arrays("posterior", POSTERIOR_CODE, arrays, {"config": self.config.as_dict()})
        else:
            arrays = found[0]
        train, heldout = _gaussians(arrays)
        return panels.Measured(
            config=self.config,
            block=self.block.index,
            train=train,
            heldout=heldout,
            decode=self.decode,
            log_weights=self.log_weights,
        )

    def encode(self, x: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return mean and log-variance of q(z|x), each ``(replica, sample, latent)``."""
        parts = [map(_numpy, self.model.encode_stacked(x[i : i + AT_ONCE])) for i in range(0, len(x), AT_ONCE)]
        mean, log_var = (np.concatenate(part, axis=1) for part in zip(*parts, strict=True))
        return mean, log_var

    def decode(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return mean images ``(replica, n, feature)`` of latents ``(replica, n, latent)``."""
        z32 = z.astype(np.float32)
        parts = [_numpy(self.model.image_mean_stacked(z32[:, i : i + AT_ONCE])) for i in range(0, z.shape[1], AT_ONCE)]
        return np.concatenate(parts, axis=1).astype(np.float64)

    def log_weights(self, seeds: Sequence[int], draws: int) -> NDArray[np.float64]:
        """Return log p(x, z) − log q(z|x) of held-out images, ``(replica, sample, draws)``, nats."""
        x = _images(self.config, "heldout")
        q = self.measured.heldout
        z = q.draw(seeds, draws * q.samples).reshape(q.replicas, draws, q.samples, q.latent)
        columns = []
        for k in range(draws):
            output = self.model.decode_stacked(z[:, k].astype(np.float32))
            likelihood = _numpy(self.model.log_likelihood_stacked(x, output)).astype(np.float64)
            standard = (z[:, k] - q.mean) ** 2 / np.exp(q.log_var)
            log_q = -0.5 * (standard + q.log_var + math.log(2 * math.pi)).sum(-1)
            log_p = -0.5 * (z[:, k] ** 2 + math.log(2 * math.pi)).sum(-1)
            columns.append(likelihood + log_p - log_q)
        return np.stack(columns, axis=-1)


def ensure(blocks: Sequence[Trained]) -> list[Trained]:
    """Train those blocks that are not in the cache, as one program; return which they were."""
    missing = [block for block in blocks if not block.known()]
    if not missing:
        return []
    from study.vae.training.loop import device, train_blocks

    if (asked := precision()) != "float32" and device() == "cpu":
        raise InvalidValue("--study-precision", asked, "'float32': this backend trains on a CPU, which has no other")
    config = missing[0].config
    data = load(config.data, images=config.images)
    # Redrawn pixels are drawn by the training loop, from the grey values.
    images = data.train_x if config.pixels == "redrawn" else _images(config, "train")
    firsts = [block.block.index * BLOCK for block in missing]
    replicas = [range(first, first + BLOCK) for first in firsts]
    for block, training in zip(missing, train_blocks([m.config for m in missing], images, replicas), strict=True):
        block.publish(training)
    return missing


def _gaussians(arrays: Arrays) -> tuple[DiagonalGaussians, DiagonalGaussians]:
    return (
        DiagonalGaussians(arrays["train_mean"], arrays["train_log_var"]),
        DiagonalGaussians(arrays["heldout_mean"], arrays["heldout_log_var"]),
    )


@lru_cache(maxsize=8)
def _data_digest(data: str, images: int | None) -> str:
    return load(data, images=images).digest


@lru_cache(maxsize=8)
def _treated(data: str, images: int | None, treatment: str, split: str) -> NDArray[np.float32]:
    dataset = load(data, images=images)
    x = dataset.train_x if split == "train" else dataset.heldout_x
    return pixels(x, treatment, f"{data} {split}")


def _images(config: VAEConfig, split: str) -> NDArray[np.float32]:
    """Return the images of a split as they are measured: redrawn pixels by their one fixed draw."""
    return _treated(config.data, config.images, config.pixels, split)


@lru_cache(maxsize=4)
def _model(program: VAEConfig) -> Any:
    from study.vae.model import VAE

    return VAE(program, BLOCK)


def _numpy(tensor: Any) -> NDArray[np.float32]:
    from keras import ops

    return np.asarray(ops.convert_to_numpy(tensor))
