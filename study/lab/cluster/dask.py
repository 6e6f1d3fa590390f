"""The workers of a Dask cluster, by the address of its scheduler."""

from __future__ import annotations

import time
from collections.abc import Collection
from concurrent.futures import CancelledError
from typing import Any

from study.errors import InvalidValue
from study.lab.cluster.unit import Job, Unit, work

POLL = 0.5
"""Seconds after which the loop looks around: workers may have come or gone."""
PATIENCE = 10
"""Seconds that the scheduler has to answer."""


class DaskPool:
    """Whoever works for a Dask scheduler, at any time."""

    least = 0.0

    def __init__(self, address: str) -> None:
        """Connect to a scheduler.

        Args:
            address: ``HOST:PORT``.

        Raises:
            InvalidValue: Dask is not installed, nothing answers there, or a worker has several threads.
        """
        self.executor = f"dask://{address}"
        try:
            import distributed
        except ImportError as error:
            expected = "the package distributed; pip install 'vae-claims[dask]' adds it"
            raise InvalidValue("--executor", self.executor, expected) from error
        self.distributed: Any = distributed
        try:
            self.client: Any = distributed.Client(f"tcp://{address}", timeout=PATIENCE, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            expected = "dask://HOST:PORT of a scheduler that answers; `dask scheduler` starts one"
            raise InvalidValue("--executor", self.executor, expected) from error
        try:
            self._refuse_threads()
        except InvalidValue:
            self.close()
            raise

    def slots(self) -> int:
        """Return the number of workers at present."""
        return len(self._threads())

    def submit(self, job: Job, unit: Unit) -> Any:
        """Hand a unit to the scheduler, under its content address.

        And under the run's: a scheduler remembers what it has done as long as anyone does, whatever became of the
        cache. Of two runs that ask for a block, the block's lock lets one train and the other recall it.
        """
        return self.client.submit(work, job, unit, key=f"study-{job.probe}-{unit.digest}", pure=True)

    def wait(self, futures: Collection[Any]) -> list[Any]:
        """Wait a moment, at most until one is done."""
        if not futures:
            time.sleep(POLL)  # nobody works here yet
            return []
        try:
            with self.client.as_current():
                return list(self.distributed.wait(futures, timeout=POLL, return_when="FIRST_COMPLETED").done)
        except TimeoutError:
            return []

    def lost(self, error: BaseException) -> bool:
        """Say whether the scheduler gave up: it hands a unit on when a worker dies, but not for ever."""
        return isinstance(error, (self.distributed.KilledWorker, self.distributed.CancelledError, CancelledError))

    def close(self) -> None:
        """Disconnect; the workers belong to the cluster, and stay."""
        self.client.close()

    def _refuse_threads(self) -> None:
        several = {name: threads for name, threads in self._threads().items() if threads != 1}
        if several:
            name, threads = next(iter(several.items()))
            expected = "workers of one thread: `dask worker HOST:PORT --nworkers -1 --nthreads 1`"
            raise InvalidValue("--executor", f"{threads} threads in {name}", expected)

    def _threads(self) -> dict[str, int]:
        """Return the threads of each worker, by its address."""
        try:
            if self.client.scheduler is not None:  # None once the client has given up connecting again
                return dict(self.client.nthreads())
            cause = None
        except (OSError, TimeoutError) as error:
            cause = error
        expected = "a scheduler that goes on answering; what is trained is in the cache: the same command goes on"
        raise InvalidValue("--executor", self.executor, expected) from cause
