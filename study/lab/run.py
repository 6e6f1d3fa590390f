"""The engine: what is wanted and not in the store is done, here or by workers, in the order in which it was asked for.

Whoever submits finds what the store has: a warm run starts no worker and imports no framework. Whatever ends a run,
what is done is in the store.
"""

from __future__ import annotations

import time
import uuid
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from study.errors import StudyError
from study.lab import cluster
from study.lab.artefacts import Block, Setting
from study.lab.store import Store
from study.lab.work import Done, Task, Unit, agreement, work
from study.measures.registry import Measure
from study.runtime.files import sweep
from study.vae.config import BLOCK, VAEConfig

if TYPE_CHECKING:
    from distributed import Future

Wanted = Mapping[Block, Collection[Measure]]
"""Blocks, and what is wanted of each."""
Outcome = list[Done] | Exception
"""What came of a unit, or why no worker could do it."""
POLL, SECOND = 0.01, 1.0
"""Seconds between two looks at what workers have done, and between two words of how far they are."""
DAY = 86_400.0
"""Age, in seconds, at which a probe is that of a killed run; no unit takes that long."""
ON_GPU = 16
"""Blocks of one program that a GPU trains at once, at most."""


class WorkerDied(StudyError, RuntimeError):
    """A block's worker died whenever it was at it."""


class WorkersLost(StudyError, RuntimeError):
    """Whoever hands out the units answers no more."""


class Pool(Protocol):
    """Where units are done."""

    def submit(self, unit: Unit, order: int) -> None:
        """Take a unit on; a lower order comes first."""

    def next(self, meanwhile: Callable[[], None]) -> tuple[Unit, Outcome]:
        """Wait until a unit is done; where others do it, ``meanwhile`` is called every second."""

    def close(self) -> None:
        """End whatever is going on."""


class Here:
    """This process: one unit after the other, each when somebody waits for it."""

    def __init__(self) -> None:
        """Begin with nothing to do."""
        self.waiting: list[tuple[int, int, Unit]] = []
        self.ties = count()

    def submit(self, unit: Unit, order: int) -> None:
        """Take a unit on."""
        heappush(self.waiting, (order, next(self.ties), unit))

    def next(self, meanwhile: Callable[[], None]) -> tuple[Unit, Outcome]:
        """Do the next unit."""
        *_, unit = heappop(self.waiting)
        return unit, work(unit, here=True)

    def close(self) -> None:
        """Forget what has not begun."""
        self.waiting.clear()


@dataclass(frozen=True)
class Sent:
    """What workers were asked to do.

    Attributes:
        unit: The unit.
        order: Its place.
        training: Whether it is only trained now, and measured by other workers afterwards.
        damaged: Files that were found damaged when it was trained.
    """

    unit: Unit
    order: int
    training: bool = False
    damaged: tuple[str, ...] = ()


class Remote:
    """Dask workers; on a GPU one of them trains, and the others measure what is trained."""

    def __init__(self, workers: cluster.Workers) -> None:
        """Take workers that have started."""
        from distributed import as_completed

        self.workers = workers
        self.sent: dict[Future, Sent] = {}
        with workers.client.as_current():
            self.completed = as_completed(loop=workers.client.loop)

    def submit(self, unit: Unit, order: int) -> None:
        """Take a unit on."""
        self._send(Sent(unit, order, training=self.workers.gpu))

    def _send(self, sent: Sent) -> None:
        unit, role = sent.unit, ""
        if self.workers.gpu:
            role = "GPU" if sent.training else "CPU"
        if sent.training:
            unit = replace(unit, tasks=tuple(replace(task, measures=()) for task in unit.tasks))
        future = self.workers.client.submit(
            work,
            unit,
            key=f"study-{uuid.uuid4().hex}",
            pure=False,
            priority=-sent.order,
            resources={role: 1} if role else None,
        )
        self.sent[future] = sent
        self.completed.add(future)

    def next(self, meanwhile: Callable[[], None]) -> tuple[Unit, Outcome]:
        """Wait until a unit is done, or such of its blocks as need no measuring by others."""
        while True:
            said = time.monotonic()
            while not (self.completed.has_ready() or self.completed.is_empty()):  # of nothing there is no next
                time.sleep(POLL)
                if time.monotonic() - said >= SECOND:
                    said = time.monotonic()
                    meanwhile()
            future = next(self.completed)
            sent = self.sent.pop(future)
            outcome = _outcome(future)
            if isinstance(outcome, Exception):
                return sent.unit, outcome
            if not sent.training:
                return sent.unit, [replace(done, damaged=sent.damaged + done.damaged) for done in outcome]
            if over := self._measured(sent, outcome):
                return sent.unit, over

    def _measured(self, sent: Sent, outcome: list[Done]) -> list[Done]:
        """Have trained blocks measured, each by whichever processor core is free; return those that need it not."""
        tasks, over = {task.block: task for task in sent.unit.tasks}, []
        for done in outcome:
            if done.error is not None or not tasks[done.block].measures:
                over.append(done)
            else:
                self._send(Sent(replace(sent.unit, tasks=(tasks[done.block],)), sent.order, damaged=done.damaged))
        return over

    def close(self) -> None:
        """End the workers, or leave those of others alone; what they are at is cancelled."""
        with cluster.quietly():
            self.workers.client.cancel(list(self.sent), force=True)
        self.workers.close()


def _outcome(future: Future) -> Outcome:
    """Return what came of a finished future; whatever went wrong is said by an error of ours."""
    from distributed.scheduler import KilledWorker, NoValidWorkerError, NoWorkerError

    try:
        outcome: Outcome = future.result()
    except KilledWorker as error:
        return WorkerDied(f"workers died: {error}")
    except (NoValidWorkerError, NoWorkerError):
        return WorkersLost("no worker is left, and none comes up again; what is trained is kept")
    except CancelledError:
        return WorkersLost("the scheduler of the workers answers no more; what is trained is kept")
    except Exception as error:
        return StudyError(f"a worker cannot work: {type(error).__name__}: {error}")
    return outcome


@dataclass(eq=False)
class Engine:
    """Does what is wanted.

    Attributes:
        store: The artefact store.
        setting: Where and how VAEs are trained.
        workers: How many processes, 1 for this one; or whose: ``dask://HOST:PORT``, or a scheduler file.
        progress: Called with blocks done and asked for, as they are.
        trained: Blocks that were trained by this engine.
        failures: Blocks that could not be trained, or their measures that could not be computed (None stands for all
            of them), and why; they are not asked for again.
        notes: What a user should know: damaged files, workers that did not start.
    """

    store: Store
    setting: Setting
    workers: int | str = 1
    progress: Callable[[int, int], None] | None = None
    trained: set[Block] = field(default_factory=set)
    failures: dict[tuple[Block, Measure | None], Exception] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    _pool: Pool | None = None
    _pending: dict[Block, set[Measure]] = field(default_factory=dict)
    _units: Counter[Block] = field(default_factory=Counter)
    _untrained: set[Block] = field(default_factory=set)
    _run: str = field(default_factory=lambda: uuid.uuid4().hex)
    _probe: Path | None = None
    _asked: int = 0
    _done: int = 0

    @property
    def pending(self) -> int:
        """Blocks that were asked for and are not done."""
        return len(self._pending)

    def waiting(self, needs: Mapping[str, Collection[Block]]) -> list[str]:
        """Return the names of those whose blocks were asked for and are not all done."""
        return [name for name, blocks in needs.items() if not self._pending.keys().isdisjoint(blocks)]

    def missing(self, wanted: Wanted) -> dict[Block, tuple[Measure, ...]]:
        """Return what of it is not in the store; a block that lacks nothing is left out.

        Before a block that is not trained comes the one whose decoder it holds, where that is not trained either.
        """
        found: dict[Block, tuple[Measure, ...]] = {}
        for block, measures in wanted.items():
            lacking = tuple(sorted(m for m in measures if self.store.values(block, m) is None))
            untrained, base = self.store.status(block) is None, block.base
            if untrained and base is not None and self.store.status(base) is None:
                found.setdefault(base, ())
            if lacking or untrained:
                found[block] = lacking
        damaged = self.store.damaged.items()
        self.notes |= {path: f"{path} was damaged ({why}): it is made again" for path, why in damaged}
        return found

    def submit(self, wanted: Wanted) -> None:
        """Ask for what is wanted, but for what the store has or has been asked for; nothing is waited for.

        What is asked for while other things are pending is what the test in turn goes on to: it comes before them.
        """
        new: dict[Block, tuple[Measure, ...]] = {}
        for block, measures in self.missing(wanted).items():
            pending = self._pending.get(block)
            known = pending or set()
            lacking = tuple(m for m in measures if m not in known and (block, m) not in self.failures)
            if (block, None) not in self.failures and (lacking or (pending is None and not measures)):
                new[block] = lacking
        if not new:
            return
        pool, urgent = self._started(), bool(self._pending)
        for block, measures in new.items():
            self._pending.setdefault(block, set()).update(measures)
            self._units[block] += 1
            if self.store.status(block) is None:
                self._untrained.add(block.trained)
        probe = self._probe.name if self._probe else ""
        for order, tasks in enumerate(self._groups(new), 1):
            self._asked += len(tasks)
            unit = Unit(tasks, str(self.store.root.resolve()), agreement(tasks), self._run, probe)
            pool.submit(unit, 0 if urgent else order)
        self._report()

    def wait(self, wanted: Wanted) -> None:
        """Wait until all that is wanted is in the store.

        Raises:
            Exception: What went wrong with the first block, or measure of it, that could not be done.
        """
        while any(self._awaited(block, measures) for block, measures in wanted.items()):
            self._settle(*self._started().next(self._report))
        for block, measures in wanted.items():
            for measure in (None, *sorted(measures)):
                if (block, measure) in self.failures:
                    raise self.failures[block, measure]

    def close(self) -> None:
        """End what is going on; what is done is in the store."""
        pool, self._pool = self._pool, None
        if pool is not None:
            with suppress(KeyboardInterrupt):  # they end with this process
                pool.close()
        if self._probe is not None:
            self._probe.unlink(missing_ok=True)
        if self._pending:
            self.trained |= self._ours(self._untrained)
            self.notes["stopped"] = f"{BLOCK * len(self.trained)} VAEs of this run are kept"
        self._pending.clear()
        self._units.clear()

    def _awaited(self, block: Block, measures: Collection[Measure]) -> bool:
        if (pending := self._pending.get(block)) is None:
            return False
        return not measures or block.trained in self._untrained or not pending.isdisjoint(measures)

    def _settle(self, unit: Unit, outcome: Outcome) -> None:
        if self._probe is not None:
            self._probe.touch()  # so that no other run takes it for that of a killed one
        if isinstance(outcome, WorkerDied) and (len(unit.tasks) > 1 or not self._lacking(unit)):
            self._again(unit)
        elif isinstance(outcome, Exception):
            if isinstance(outcome, WorkerDied):
                outcome = WorkerDied(f"each worker died that was at {unit.tasks[0].block.config.canonical}")
            for task in unit.tasks:
                self._over(task)
                self.failures[task.block, None] = outcome
        else:
            tasks = {task.block: task for task in unit.tasks}
            for done in outcome:
                self._over(tasks[done.block])
                self._untrained.discard(done.block.trained)
                if done.trained:
                    self.trained.add(done.block.trained)
                if done.error is not None:
                    self.failures[done.block, None] = done.error
                self.failures |= {(done.block, measure): error for measure, error in done.unmeasured}
                self.notes |= {path: f"{path} was damaged: it is made again" for path in done.damaged}
        self._report()

    def _lacking(self, unit: Unit) -> Collection[Block]:
        return self.missing({task.block: task.measures for task in unit.tasks})

    def _again(self, unit: Unit) -> None:
        """Hand on the blocks of a unit whose workers died: each alone, so that one that kills costs only itself."""
        lacking = self._lacking(unit)
        for task in unit.tasks:
            if task.block in lacking:
                self._started().submit(replace(unit, tasks=(task,), agreed=agreement((task,))), 0)
            else:
                self._over(task)
                self.trained |= self._ours([task.block.trained])

    def _over(self, task: Task) -> None:
        """Count a task as done; its block is pending as long as others are."""
        self._done += 1
        self._pending[task.block].difference_update(task.measures)
        self._units[task.block] -= 1
        if self._units[task.block] <= 0:
            del self._pending[task.block]

    def _ours(self, blocks: Iterable[Block]) -> set[Block]:
        """Return those of some blocks that this run trained."""
        found = ((block, self.store.status(block)) for block in blocks)
        return {block for block, status in found if status is not None and status.run == self._run}

    def _groups(self, new: Mapping[Block, tuple[Measure, ...]]) -> Iterator[tuple[Task, ...]]:
        """Gather blocks of one program, so that it is compiled once, but no more than leaves all workers busy."""
        together: dict[tuple[VAEConfig, Setting], list[Task]] = {}
        for block, measures in new.items():
            together.setdefault((block.config.program(), block.setting), []).append(Task(block, measures))
        count = self.workers if isinstance(self.workers, int) else 8
        most = max(1, -(-len(new) // (4 * count)))
        if isinstance(self._pool, Remote) and self._pool.workers.gpu:
            most = ON_GPU
        for tasks in together.values():
            yield from (tuple(tasks[i : i + most]) for i in range(0, len(tasks), most))

    def _report(self) -> None:
        if self.progress is not None:
            self.progress(self._done, self._asked)

    def _started(self) -> Pool:
        """Return the pool; it is started when the first unit is submitted."""
        if self._pool is None:
            self._pool = self._start()
        return self._pool

    def _start(self) -> Pool:
        if isinstance(self.workers, str):
            self.store.root.mkdir(parents=True, exist_ok=True)
            self._probe = self.store.root.resolve() / f"probe-{self._run}"
            self._probe.touch()
            sweep(self._probe, "probe-*", DAY)
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
