"""Have blocks trained: those that are not in the store, after those whose decoders they hold."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress

import numpy as np
from filelock import Timeout
from numpy.typing import NDArray

from study.data.loading import load
from study.errors import InvalidValue
from study.lab.artefacts import Block, Setting
from study.lab.measuring import treated
from study.lab.store import Store
from study.lab.subjects.trained import changed
from study.runtime.backends import hushed
from study.types import Weights
from study.vae.config import BLOCK, VAEConfig


def ensure(store: Store, blocks: Sequence[Block], run: str, *, wait: bool) -> None:
    """Train those blocks that are not in the store, as one program, and before them those whose decoders they hold."""
    missing = [block for block in blocks if store.status(block) is None or store.weights(block) is None]
    if not missing:
        return
    with hushed():
        from study.vae.training.loop import device, train_blocks

    config, setting = missing[0].config, missing[0].setting
    if setting.precision != "float32" and device() == "cpu":
        expected = "'float32': this backend trains on a CPU, which has no other"
        raise InvalidValue("--study-precision", setting.precision, expected)
    data = load(config.data, images=config.images, folder=setting.data)
    # Redrawn pixels are drawn by the training loop, from the grey values.
    redrawn = config.pixels == "redrawn"
    seen = data.train_x if redrawn else treated(config.data, config.images, config.pixels, "train", setting.data)
    bases = [_base(store, block, run, wait=wait) for block in missing]
    decoders = [None if base is None else weights_of(store, base) for base in bases]
    started = time.perf_counter()
    trained = train_blocks(
        [b.config for b in missing], seen, [b.replicas for b in missing], setting.seed_root, decoders=decoders
    )
    seconds = (time.perf_counter() - started) / len(missing)
    for block, base, training in zip(missing, bases, trained, strict=True):
        status = None if base is None else store.status(base)
        finite = training.finite if status is None else training.finite & status.finite
        about = {
            "epochs": training.epochs,
            "device": training.device,
            "seconds": seconds,
            "finite": finite.tolist(),
            "negative_elbo": _plain(training.negative_elbo),
            "rate": _plain(training.rate),
            "run": run,
        }
        store.publish_training(block, training.weights, about)


def train_together(store: Store, blocks: Sequence[Block], run: str) -> None:
    """Train the blocks that one program trains best, on an accelerator."""
    alike: dict[tuple[VAEConfig, Setting], list[Block]] = {}
    for block in dict.fromkeys(blocks):
        if len(blocks) > 1 and store.status(block) is None:
            alike.setdefault((block.config.replace(kl_weight=1.0), block.setting), []).append(block)
    for (config, _), members in alike.items():
        if len(members) == 1:
            continue
        with hushed():
            from study.vae.training.grouping import blocks_together

        size = blocks_together(config, BLOCK)
        for group in (members[i : i + size] for i in range(0, len(members), size) if size > 1):
            with ExitStack() as locks:
                free = []
                for block in group:
                    with suppress(Timeout):
                        locks.enter_context(store.lock(block, wait=False))
                        free.append(block)
                with suppress(Exception):  # each goes on alone, and says itself what is wrong
                    ensure(store, free, run, wait=False)


def weights_of(store: Store, block: Block) -> Weights:
    """Return weights to measure, or to hold: in place of a replica that diverged, which is left out, a sibling's."""
    weights, status = store.weights(block), store.status(block)
    if weights is None or status is None:
        raise FileNotFoundError(f"{store.folder(block)}: vanished while it was being read")
    if not status.finite.all():
        place = np.where(status.finite, np.arange(BLOCK), status.finite.argmax())
        weights = {path: value[place] for path, value in weights.items()}
    return changed(block.config, weights, tuple((c.name, dict(c.arguments)) for c in block.changes))


def _base(store: Store, block: Block, run: str, *, wait: bool) -> Block | None:
    """Have the block trained whose decoder another one holds; no lock is waited for in a circle, as it holds none."""
    base = block.base
    if base is not None:
        with store.lock(base, wait=wait):
            store.sweep(base)
            ensure(store, [base], run, wait=wait)
    return base


def _plain(values: NDArray[np.float64]) -> list[list[float | None]]:
    """Return numbers as JSON has them: None where a replica diverged."""
    return [[value if math.isfinite(value) else None for value in row] for row in values.tolist()]
