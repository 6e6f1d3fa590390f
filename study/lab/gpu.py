"""On a GPU: one process trains, groups of blocks at a time, while the processor's cores measure what is trained.

Two processes on one GPU would take turns, so there is one; and the measures are NumPy and scikit-learn, which would
leave the GPU idle. So what is trained is measured by workers that do not see it.
"""

from __future__ import annotations

import os
import shutil
import time
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from typing import Any

from study.lab import restarts
from study.lab.cache import Block
from study.lab.work import Bench, Receipt
from study.runtime import backends
from study.runtime.backends import one_thread


@lru_cache
def found(backend: str) -> bool:
    """Say whether a backend would train on a GPU; asks it only where there is a driver."""
    if shutil.which("nvidia-smi") is None:
        return False
    device = backends.device(backend)
    return device != "cpu" and not device.startswith("unknown")


def receipts(
    bench: Bench, blocks: Sequence[Block], panels: Sequence[str], workers: int
) -> Generator[Receipt, None, None]:
    """Train blocks on the GPU and measure each as soon as it is trained.

    What ends it early, a failure or Ctrl-C, leaves nothing behind that goes on training.

    Args:
        bench: Cache and backend.
        blocks: What is missing.
        panels: What is to be measured.
        workers: Processes that measure.
    """
    trainer, measurers = _processes(bench.backend, workers)
    training: dict[Any, list[Block]] = {}
    measuring: set[Any] = set()
    trained: deque[Block] = deque()
    spent: dict[Block, float] = {}
    try:
        groups = deque(trainer.submit(_groups, bench, blocks).result())
        while groups or training or trained or measuring:
            # No more than what keeps them busy: nothing is to be taken back when something ends it.
            while groups and len(training) < 2:
                group = groups.popleft()
                training[trainer.submit(_train, bench, group)] = group
            while trained and len(measuring) < 2 * workers:
                measuring.add(measurers.submit(_measure, bench, trained.popleft(), panels))
            for future in wait({*training, *measuring}, return_when=FIRST_COMPLETED).done:
                if future in measuring:
                    measuring.remove(future)
                    receipt = future.result()
                    now, seconds = receipt.block in spent, spent.get(receipt.block, 0.0)
                    yield Receipt(receipt.block, receipt.trained or now, receipt.seconds + seconds)
                else:
                    spent |= future.result()
                    trained.extend(training.pop(future))
    except BaseException as error:
        if isinstance(error, BrokenProcessPool) or not isinstance(error, Exception):
            _end(trainer, measurers)
        raise


@lru_cache(maxsize=1)
def _processes(backend: str, workers: int) -> tuple[Any, Any]:
    """The process that trains, and those that measure; they last as long as this one, and so do compiled programs."""
    from joblib.externals.loky import ProcessPoolExecutor

    return (
        ProcessPoolExecutor(1, initializer=_begin, initargs=(backend,)),
        ProcessPoolExecutor(workers, initializer=_begin, initargs=(backend, False)),
    )


def _end(*processes: Any) -> None:
    """End processes, whatever they are at; the next call starts new ones."""
    _processes.cache_clear()
    for each in processes:
        each.shutdown(wait=True, kill_workers=True)


def _begin(backend: str, sees_gpu: bool = True) -> None:
    """What a process does before it imports the framework."""
    restarts.none_for_growth()
    if not sees_gpu:
        os.environ |= {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
    one_thread(backend)


def _groups(bench: Bench, blocks: Sequence[Block]) -> list[list[Block]]:
    return list(bench.groups(blocks))


def _train(bench: Bench, group: Sequence[Block]) -> dict[Block, float]:
    """Train a group; return the seconds that each block took which was trained now."""
    started = time.perf_counter()
    trained = bench.train(group)
    return dict.fromkeys(trained, (time.perf_counter() - started) / max(1, len(trained)))


def _measure(bench: Bench, block: Block, panels: Sequence[str]) -> Receipt:
    return bench.work_one(block, panels)
