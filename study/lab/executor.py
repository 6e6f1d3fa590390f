"""Spread blocks over worker processes, one thread each: what a block becomes does not depend on how many.

On CPUs a program of a few replicas gains little from a second thread, and another number of threads
gives other bytes; two programs side by side gain all of it. So every block is trained by one thread.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from typing import Any

from study.lab import gpu, restarts
from study.lab.cache import Block
from study.lab.work import Bench, Receipt
from study.runtime.backends import one_thread
from study.vae.config import VAEConfig


def programs(blocks: Sequence[Block], workers: int = 1) -> list[list[Block]]:
    """Group blocks that share one compiled program, the largest programs first.

    Where that leaves workers idle the groups are split: compiling a program twice takes less time than training.
    """
    groups: dict[VAEConfig, list[Block]] = {}
    for block in blocks:
        groups.setdefault(block.config.program(), []).append(block)
    found = list(groups.values()) if len(groups) >= workers else [[block] for block in blocks]
    return sorted(found, key=lambda group: -len(group) * group[0].config.parameter_count)


def run(
    bench: Bench, blocks: Sequence[Block], panels: Sequence[str], workers: int, progress: Callable[[Receipt], None]
) -> None:
    """Train and measure blocks, here or in worker processes; report each as it is done.

    Whatever ends a run, the blocks reported, and those finished in workers, are in the cache.
    """
    if blocks and gpu.found(bench.backend):
        found = gpu.receipts(bench, blocks, panels, workers)
    else:
        found = _receipts(bench, programs(blocks, workers), panels, workers)
    with closing(found):  # what ends the run ends the workers, too
        for receipt in found:
            progress(receipt)


def _receipts(
    bench: Bench, groups: Sequence[Sequence[Block]], panels: Sequence[str], workers: int
) -> Generator[Receipt, None, None]:
    if workers == 1:
        from threadpoolctl import threadpool_limits

        one_thread(bench.backend)
        # Libraries that are imported already; and a framework's deprecations, which in a worker process fail nothing.
        with threadpool_limits(limits=1), warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            yield from bench.receipts([block for group in groups for block in group], panels)
        return
    from joblib import Parallel, delayed

    pool = Parallel(n_jobs=workers, backend="loky", return_as="generator_unordered", batch_size=1)
    with restarts.expected(), pool as parallel:
        one_thread(bench.backend)  # workers inherit the environment
        units: Any = (delayed(_work)(bench, group, panels) for group in groups)
        for receipts in parallel(units):
            yield from receipts


def _work(bench: Bench, group: Sequence[Block], panels: Sequence[str]) -> list[Receipt]:
    """Train and measure the blocks of a program, in a worker process."""
    restarts.none_for_growth()
    return bench.work(group, panels)
