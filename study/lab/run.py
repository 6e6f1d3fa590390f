"""The engine: what is wanted and not in the store is done, here or by workers, in the order in which it was asked for.

Whoever submits finds what the store has: a warm run starts no worker and imports no framework. Whatever ends a run,
what is done is in the store.
"""

from __future__ import annotations

import uuid
import warnings
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from study.errors import InvalidValue, StudyError
from study.lab import cluster
from study.lab.artefacts import Block, Setting
from study.lab.store import Store
from study.lab.work import Done, Task, Unit, agreement, work
from study.measures.registry import Measure
from study.vae.config import VAEConfig

if TYPE_CHECKING:
    from distributed import Future

Wanted = Mapping[Block, Collection[Measure]]
"""Blocks, and what is wanted of each."""
Outcome = list[Done] | InvalidValue | None
"""What came of a unit; None where its worker died, again and again."""
ON_GPU = 16
"""Blocks of one program that a GPU trains at once, at most."""


class WorkerDied(StudyError, RuntimeError):
    """A block's worker died whenever it was at it."""


class Pool(Protocol):
    """Where units are done."""

    def submit(self, unit: Unit, order: int) -> None:
        """Take a unit on; a lower order comes first."""

    def next(self) -> tuple[Unit, Outcome]:
        """Wait until a unit is done."""

    def close(self) -> None:
        """End whatever is going on."""


class Here:
    """This process: one unit after the other, each when somebody waits for it."""

    def __init__(self) -> None:
        """Begin with nothing to do."""
        self.waiting: deque[Unit] = deque()

    def submit(self, unit: Unit, order: int) -> None:
        """Take a unit on."""
        del order
        self.waiting.append(unit)

    def next(self) -> tuple[Unit, Outcome]:
        """Do the next unit."""
        unit = self.waiting.popleft()
        return unit, work(unit, here=True)

    def close(self) -> None:
        """Forget what has not begun."""
        self.waiting.clear()


class Remote:
    """Dask workers; on a GPU one of them trains, and the others measure what is trained."""

    def __init__(self, workers: cluster.Workers) -> None:
        """Take workers that have started."""
        from distributed import as_completed

        self.workers = workers
        self.units: dict[Future, tuple[Unit, int, Unit | None]] = {}
        with workers.client.as_current():
            self.completed = as_completed(loop=workers.client.loop)

    def submit(self, unit: Unit, order: int) -> None:
        """Take a unit on."""
        if self.workers.gpu:
            training = replace(unit, tasks=tuple(replace(task, measures=()) for task in unit.tasks))
            self._submit(training, order, "GPU", unit)
        else:
            self._submit(unit, order)

    def _submit(self, unit: Unit, order: int, role: str = "", after: Unit | None = None) -> None:
        future = self.workers.client.submit(
            work,
            unit,
            key=f"study-{uuid.uuid4().hex}",
            pure=False,
            priority=-order,
            resources={role: 1} if role else None,
        )
        self.units[future] = (unit, order, after)
        self.completed.add(future)

    def next(self) -> tuple[Unit, Outcome]:
        """Wait until a unit is done."""
        from distributed import KilledWorker

        while True:
            future = next(self.completed)
            unit, order, after = self.units.pop(future)
            error = future.exception()
            if isinstance(error, KilledWorker):
                return after or unit, None
            if error is not None:
                raise error
            outcome: Outcome = future.result()
            if after is None or not isinstance(outcome, list):
                return after or unit, outcome
            if any(done.error for done in outcome):
                return after, outcome
            # Trained: each block is measured by whichever processor core is free.
            for task in after.tasks:
                self._submit(replace(after, tasks=(task,)), order, "CPU")

    def close(self) -> None:
        """End the workers, or leave those of others alone; what they are at is cancelled."""
        self.workers.client.cancel(list(self.units), force=True)
        self.workers.close()


@dataclass(eq=False)
class Engine:
    """Does what is wanted.

    Attributes:
        store: The artefact store.
        setting: Where and how VAEs are trained.
        workers: How many processes, 1 for this one; or whose: ``dask://HOST:PORT``, or a scheduler file.
        progress: Called with blocks done and asked for, as they are.
        trained: Blocks that were trained by this engine.
        failures: Blocks that could not be done, and why.
        notes: What a user should know: damaged files, workers that did not start.
    """

    store: Store
    setting: Setting
    workers: int | str = 1
    progress: Callable[[int, int], None] | None = None
    trained: set[Block] = field(default_factory=set)
    failures: dict[Block, Exception] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    _pool: Pool | None = None
    _pending: dict[Block, set[Measure]] = field(default_factory=dict)
    _units: Counter[Block] = field(default_factory=Counter)
    _probe: Path | None = None
    _asked: int = 0
    _order: int = 0

    @property
    def pending(self) -> int:
        """Blocks that were asked for and are not done."""
        return len(self._pending)

    def missing(self, wanted: Wanted) -> dict[Block, tuple[Measure, ...]]:
        """Return what of it is not in the store; a block that lacks nothing is left out."""
        found: dict[Block, tuple[Measure, ...]] = {}
        for block, measures in wanted.items():
            lacking = tuple(sorted(m for m in measures if self.store.values(block, m) is None))
            if lacking or self.store.status(block) is None:
                found[block] = lacking
        damaged = self.store.damaged.items()
        self.notes |= {path: f"{path} was damaged ({why}): it is made again" for path, why in damaged}
        return found

    def submit(self, wanted: Wanted) -> None:
        """Ask for what is wanted, but for what the store has or has been asked for; nothing is waited for."""
        new: dict[Block, tuple[Measure, ...]] = {}
        for block, measures in self.missing(wanted).items():
            pending = self._pending.get(block)
            lacking = tuple(m for m in measures if pending is None or m not in pending)
            if lacking or pending is None:
                new[block] = lacking
        if not new:
            return
        pool = self._started()
        for block, measures in new.items():
            self._pending.setdefault(block, set()).update(measures)
            self._units[block] += 1
        agreed, probe = agreement(self.setting), self._probe.name if self._probe else ""
        for tasks in self._groups(new):
            self._order += 1
            self._asked += len(tasks)
            pool.submit(Unit(tasks, str(self.store.root.resolve()), agreed, probe), self._order)
        self._report()

    def wait(self, wanted: Wanted) -> None:
        """Wait until all that is wanted is in the store.

        Raises:
            InvalidValue: A worker cannot give the numbers that are asked for.
            Exception: What went wrong with the first block that could not be done.
        """
        while any(block in self._pending for block in wanted):
            self._settle(*self._started().next())
        for block in wanted:
            if block in self.failures:
                raise self.failures[block]

    def close(self) -> None:
        """End what is going on; what is done is in the store."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()
        if self._probe is not None:
            self._probe.unlink(missing_ok=True)
        self._pending.clear()
        self._units.clear()

    def _settle(self, unit: Unit, outcome: Outcome) -> None:
        if isinstance(outcome, InvalidValue):
            raise outcome
        if outcome is None:
            self._again(unit)
            return
        for done in outcome:
            self._over(done.block)
            if done.trained:
                self.trained.add(done.block.trained)
            if done.error is not None:
                self.failures[done.block] = done.error
            self.notes |= {path: f"{path} was damaged: it is made again" for path in done.damaged}
        self._report()

    def _again(self, unit: Unit) -> None:
        """Hand on the blocks of a unit whose worker died: each alone, so that one that kills costs only itself."""
        lost = self.missing({task.block: task.measures for task in unit.tasks})
        alone = len(unit.tasks) == 1
        for task in unit.tasks:
            if task.block not in lost:
                self._over(task.block)
            elif alone:
                self._over(task.block)
                self.failures[task.block] = WorkerDied(f"each worker died that was at {task.block.config.canonical}")
            else:
                self._started().submit(replace(unit, tasks=(task,)), 0)
        self._report()

    def _over(self, block: Block) -> None:
        """Count a unit of a block as done; the block is pending as long as others are."""
        self._units[block] -= 1
        if self._units[block] <= 0:
            self._pending.pop(block, None)

    def _groups(self, new: Mapping[Block, tuple[Measure, ...]]) -> Iterator[tuple[Task, ...]]:
        """Gather blocks of one program, so that it is compiled once, but no more than leaves all workers busy."""
        together: dict[VAEConfig, list[Task]] = {}
        for block, measures in new.items():
            together.setdefault(block.config.program(), []).append(Task(block, measures))
        count = self.workers if isinstance(self.workers, int) else 8
        most = max(1, -(-len(new) // (4 * count)))
        if isinstance(self._pool, Remote) and self._pool.workers.gpu:
            most = ON_GPU
        for tasks in together.values():
            yield from (tuple(tasks[i : i + most]) for i in range(0, len(tasks), most))

    def _report(self) -> None:
        if self.progress is not None:
            self.progress(self._asked - len(self._pending), self._asked)

    def _started(self) -> Pool:
        """Return the pool; it is started when the first unit is submitted."""
        if self._pool is None:
            self._pool = self._start()
        return self._pool

    def _start(self) -> Pool:
        if isinstance(self.workers, str):
            self.store.root.mkdir(parents=True, exist_ok=True)
            self._probe = self.store.root.resolve() / f"probe-{uuid.uuid4().hex}"
            self._probe.touch()
            return Remote(cluster.external(self.workers))
        gpu = cluster.gpu_found(self.setting.backend)
        if self.workers == 1 and not gpu:
            return Here()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Dask and what it imports
            try:
                return Remote(cluster.local(self.setting, self.workers, gpu=gpu))
            except ImportError:
                why = "Dask is not installed: pip install 'vae-claims[jax]' (or another backend's extra) adds it"
            except cluster.NoWorkers as error:
                why = str(error)
        self.notes["workers"] = f"no workers could be started ({why}): this process trains alone"
        return Here()
