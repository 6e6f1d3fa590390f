"""On a GPU: one process trains, groups of blocks at a time, while the processor's cores measure what is trained.

Two processes on one GPU would take turns, so there is one; and the measures are NumPy and scikit-learn, which would
leave the GPU idle. So what is trained is measured by workers that do not see it.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import lru_cache
from typing import Any

from study import backends
from study.backends import one_thread
from study.lab import restarts
from study.lab.cache import Block
from study.lab.work import Bench, Receipt


@lru_cache
def found(backend: str) -> bool:
    """Say whether a backend would train on a GPU; asks it only where there is a driver."""
    if shutil.which("nvidia-smi") is None:
        return False
    device = backends.device(backend)
    return device != "cpu" and not device.startswith("unknown")


def receipts(bench: Bench, blocks: Sequence[Block], panels: Sequence[str], workers: int) -> Iterator[Receipt]:
    """Train blocks on the GPU and measure each as soon as it is trained.

    Args:
        bench: Cache and backend.
        blocks: What is missing.
        panels: What is to be measured.
        workers: Processes that measure.
    """
    from joblib import Parallel, delayed

    trainer = _trainer(bench.backend)
    trained: set[Block] = set()

    def measurable() -> Iterator[Any]:
        futures = [trainer.submit(bench.train, group) for group in trainer.submit(_groups, bench, blocks).result()]
        for future in as_completed(futures):
            new, group = future.result()
            trained.update(new)
            yield from (delayed(_measure)(bench, block, panels) for block in group)

    pool = Parallel(n_jobs=workers, backend="loky", return_as="generator_unordered", batch_size=1)
    with restarts.expected(), pool as parallel:
        for receipt in parallel(measurable()):
            yield Receipt(receipt.block, receipt.trained or receipt.block in trained, receipt.seconds)


@lru_cache
def _trainer(backend: str) -> ProcessPoolExecutor:
    """The process that trains; it lasts as long as this one, and so do its compiled programs."""
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=spawn, initializer=one_thread, initargs=(backend,))


def _groups(bench: Bench, blocks: Sequence[Block]) -> list[list[Block]]:
    return list(bench.groups(blocks))


def _measure(bench: Bench, block: Block, panels: Sequence[str]) -> Receipt:
    # Before this worker imports the framework; it does nothing else.
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    os.environ["JAX_PLATFORMS"] = "cpu"
    one_thread(bench.backend)
    return bench.work_one(block, panels)
