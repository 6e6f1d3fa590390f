"""Workers, wherever they are: the one contract of executors, and the loop that keeps them busy."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Protocol

from study.errors import InvalidValue
from study.lab.cluster.unit import Failure, Job, Outcome, Unit


class Pool(Protocol):
    """Workers of one kind.

    Attributes:
        least: Seconds that a unit should take at least, for what handing it out costs not to matter.
    """

    least: float

    def slots(self) -> int:
        """Return how many units may be with workers at once; it may change as workers come and go."""

    def submit(self, job: Job, unit: Unit) -> Any:
        """Hand a unit to a worker; return a future, with ``result()`` and ``cancel()``."""

    def wait(self, futures: Collection[Any]) -> Iterable[Any]:
        """Wait a while, at most until one of the futures is done; return those that are."""

    def lost(self, error: BaseException) -> bool:
        """Say whether the error of a future means that the worker is gone, and the unit with it."""

    def close(self) -> None:
        """Let the workers go."""


def outcomes(pool: Pool, job: Job, units: Sequence[Unit]) -> Iterator[Outcome]:
    """Give units to workers and yield what came of each block, in the order in which they are done.

    No more units are out than there are workers: what is not yet out is lost with none of them, and
    goes to whoever comes first, those that were added meanwhile included.

    Raises:
        InvalidValue: A worker cannot give the numbers that the plan asks for.
    """
    waiting, out = deque(units), dict[Any, Unit]()
    try:
        while waiting or out:
            for _ in range(min(len(waiting), pool.slots() - len(out))):
                unit = waiting.popleft()
                out[pool.submit(job, unit)] = unit
            for future in pool.wait(list(out)):
                yield from _result(pool, future, out.pop(future))
    finally:
        for future in out:
            future.cancel()


def _result(pool: Pool, future: Any, unit: Unit) -> list[Outcome]:
    try:
        result: list[Outcome] | InvalidValue = future.result()
    except (KeyboardInterrupt, SystemExit):
        raise
    except ImportError as error:
        raise InvalidValue("worker", str(error), "one on which this version of vae-claims is installed") from error
    except BaseException as error:  # of whatever kind: the other units go on, and the user is told
        lost = pool.lost(error)
        text = f"the worker died: {error}" if lost else f"{type(error).__name__}: {error}"
        return [Failure(task, text, lost) for task in unit.tasks]
    if isinstance(result, InvalidValue):
        raise result
    return result
