"""Worker processes on this machine, by joblib's loky."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import FIRST_COMPLETED, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from study.errors import InvalidValue
from study.lab.cluster.unit import Job, Unit, work
from study.lab.restarts import none_for_growth
from study.runtime.backends import one_thread

POLL = 1.0
"""Seconds after which the loop looks around."""


class LocalPool:
    """Processes of this machine, each an executor of its own: loky ends all workers of one in which one dies."""

    least = 0.0

    def __init__(self, workers: int) -> None:
        """Say how many processes; they start when they are first needed."""
        if workers < 1:
            raise InvalidValue("--workers", workers, "an integer ≥ 1")
        self.free: list[Any] = [None] * workers
        self.busy: dict[Any, Any] = {}

    def slots(self) -> int:
        """Return the number of processes."""
        return len(self.free) + len(self.busy)

    def submit(self, job: Job, unit: Unit) -> Any:
        """Hand a unit to a process."""
        from joblib.externals.loky import ProcessPoolExecutor

        one_thread(job.backend)  # workers inherit the environment
        process = self.free.pop()
        try:
            future = process.submit(work, job, unit) if process else None
        except BrokenProcessPool:  # it died while it had nothing to do
            future = None
        if future is None:
            process = ProcessPoolExecutor(max_workers=1, initializer=none_for_growth)
            future = process.submit(work, job, unit)
        self.busy[future] = process
        return future

    def wait(self, futures: Collection[Any]) -> list[Any]:
        """Wait for the first to be done; a process that died is replaced when it is needed."""
        done = list(wait(futures, timeout=POLL, return_when=FIRST_COMPLETED).done)
        for future in done:
            process = self.busy.pop(future)
            self.free.append(None if isinstance(future.exception(), BrokenProcessPool) else process)
        return done

    def lost(self, error: BaseException) -> bool:
        """Say whether a process died."""
        return isinstance(error, BrokenProcessPool)

    def close(self) -> None:
        """End the processes; what they are at is lost, what they have done is in the cache."""
        for process in filter(None, [*self.free, *self.busy.values()]):
            process.shutdown(wait=True, kill_workers=True)
