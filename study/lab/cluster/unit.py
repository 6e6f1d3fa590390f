"""What a worker is given, and what it does with it: train or recall a few blocks into the shared cache.

A unit may be done twice, or begun and lost with its worker: blocks are content-addressed, published whole, and
recalled where they are in the cache already, so the outcome is the same.
"""

from __future__ import annotations

import hashlib
import logging
import os
import platform
import socket
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from filelock import Timeout

from study.data import idx
from study.errors import InvalidValue
from study.lab.cache import MEASURING_CODE, Block, code_digest
from study.lab.plan import Task
from study.lab.work import Bench, Receipt
from study.runtime.backends import BACKENDS, ONE_THREAD, PRECISION, backend_version, one_thread, precision
from study.seeds import VARIABLE

_ONE_AT_A_TIME = threading.Lock()
"""Programs and models are shared within a process, so that a worker of several threads trains with one of them."""


@dataclass(frozen=True)
class Job:
    """What every worker of a run must know, and agree with.

    Attributes:
        cache: The cache, a folder that all workers share, by the same absolute path.
        backend: Keras backend.
        seed_root: Seed root of the trials.
        precision: Precision of their matrix products.
        data: Folder of the data sets, for workers that are told of none; None where there is none.
        versions: What shapes the numbers, and must be the same on every worker.
        probe: Name of a file in the cache, by which a worker sees that it is the same folder.
    """

    cache: str
    backend: str
    seed_root: str
    precision: str
    data: str | None
    versions: tuple[tuple[str, str], ...]
    probe: str

    @classmethod
    @contextmanager
    def of(cls, bench: Bench, seed_root: str) -> Iterator[Job]:
        """Describe a run; its probe lies in the cache as long as it lasts."""
        cache = bench.cache.resolve()
        probe = cache / f"probe-{uuid.uuid4().hex}"
        cache.mkdir(parents=True, exist_ok=True)
        probe.touch()
        data = os.environ.get(idx.VARIABLE)
        try:
            yield cls(
                cache=str(cache),
                backend=bench.backend,
                seed_root=seed_root,
                precision=precision(),
                data=str(Path(data).resolve()) if data else None,
                versions=versions(bench.backend),
                probe=probe.name,
            )
        finally:
            probe.unlink(missing_ok=True)


@dataclass(frozen=True)
class Unit:
    """Blocks that are trained one after the other, those of one program together, so that it is compiled once.

    Attributes:
        tasks: The blocks.
        attempt: How often workers have been given them, this time included.
    """

    tasks: tuple[Task, ...]
    attempt: int = 1

    @cached_property
    def digest(self) -> str:
        """Content address of the unit, in hexadecimal: units of the same blocks and panels are the same work."""
        text = "\n".join(f"{task.key} {' '.join(task.panels)}" for task in self.tasks)
        return hashlib.sha256(f"{self.attempt}\n{text}".encode()).hexdigest()


@dataclass(frozen=True)
class Failure:
    """A block that was not trained.

    Attributes:
        task: The block.
        error: Why.
        lost: Whether the worker died of it, or beneath it; else the block is to blame, and another try is in vain.
    """

    task: Task
    error: str
    lost: bool = False


Outcome = Receipt | Failure

LONGEST = 300.0
"""Seconds that a unit of several blocks should take at most."""
_log = logging.getLogger(__name__)


def units(tasks: Sequence[Task], workers: int, attempt: int = 1, least: float = 0.0) -> list[Unit]:
    """Group tasks of one program and one list of panels, the longest units first.

    No unit is so long that the workers could not share the work evenly, nor, by estimate, longer than :data:`LONGEST`,
    so that workers who come late find some left; what is tried again goes alone.

    Args:
        tasks: The tasks.
        workers: How many workers there are, as far as is known.
        attempt: How often the tasks have been given out, this time included.
        least: Seconds that a unit should take at least, by estimate; shorter groups go together, as far as that
            leaves no worker idle.
    """
    if attempt > 1:
        return [Unit((task,), attempt) for task in tasks]
    workers = max(1, workers)
    most = max(1, -(-len(tasks) // (4 * workers)))
    groups: dict[object, list[Task]] = {}
    for task in tasks:
        groups.setdefault((task.block.config.program(), task.panels), []).append(task)
    found = []
    for group in groups.values():
        fit = int(max(LONGEST, least) / max(group[0].seconds, 1e-9))
        size = max(1, min(most, fit))
        found += [group[start : start + size] for start in range(0, len(group), size)]
    enough = min(least, _seconds(tasks) / workers)
    together: list[list[Task]] = []
    for group in found:
        if together and _seconds(together[-1]) < enough:
            together[-1] += group
        else:
            together.append(group)
    return [Unit(tuple(group)) for group in sorted(together, key=_seconds, reverse=True)]


def _seconds(tasks: Sequence[Task]) -> float:
    return sum(task.seconds for task in tasks)


def versions(backend: str) -> tuple[tuple[str, str], ...]:
    """Return what shapes the numbers: versions of code, backend and Keras; and of Python, which shapes syntax trees."""
    return (
        ("Python", ".".join(platform.python_version_tuple()[:2])),
        (backend, backend_version(backend) or "not installed"),
        ("keras", backend_version("keras") or "not installed"),
        ("code", code_digest(MEASURING_CODE)[:12]),
    )


def work(job: Job, unit: Unit) -> list[Outcome] | InvalidValue:
    """Do a unit, on a worker.

    Returns:
        What came of each block; or, instead of raising it, what is wrong with the worker: some executors
        bring home no exception whole.
    """
    from threadpoolctl import threadpool_limits

    with _ONE_AT_A_TIME, threadpool_limits(limits=1):  # libraries that the worker has imported already
        try:
            bench = _prepare(job, unit)
        except InvalidValue as error:
            return error
        spent = _together(bench, unit)
        busy: list[Task] = []
        outcomes = [outcome for task in unit.tasks for outcome in _one(bench, task, busy, spent)]
        return outcomes + [outcome for task in busy for outcome in _one(bench, task, None, spent)]


def _together(bench: Bench, unit: Unit) -> dict[Block, float]:
    """Train the blocks that one program trains best, on a GPU; return the seconds that each took."""
    spent: dict[Block, float] = {}
    try:
        for group in bench.groups([task.block for task in unit.tasks]):
            if len(group) > 1:
                started = time.perf_counter()
                trained = bench.train(group)
                seconds = time.perf_counter() - started
                spent |= dict.fromkeys(trained, seconds / max(1, len(trained)))
    except Exception:  # of whatever kind: each goes on alone, and says itself what is wrong
        _log.warning("%d blocks could not be trained together", len(unit.tasks), exc_info=True)
    return spent


def _one(bench: Bench, task: Task, busy: list[Task] | None, spent: Mapping[Block, float]) -> list[Outcome]:
    """Do a task; one that another process is at goes to ``busy``, or where that is None is waited for."""
    try:
        receipt = bench.work_one(task.block, task.panels, wait=busy is None)
        trained, seconds = task.block in spent, spent.get(task.block, 0.0)
        return [Receipt(task.block, receipt.trained or trained, receipt.seconds + seconds)]
    except Timeout:
        if busy is None:
            raise
        busy.append(task)
        return []
    except Exception as error:  # of whatever kind: the other blocks go on, and the user is told
        return [Failure(task, f"{type(error).__name__}: {error}")]


def _prepare(job: Job, unit: Unit) -> Bench:
    """Make this process one that gives the same numbers as any other, or refuse."""
    where = f"worker on {socket.gethostname()}"
    imported = [name for name in BACKENDS if name in sys.modules]
    if imported and any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):
        raise InvalidValue(where, f"one that has imported {imported[0]} already", "a process that imports it for us")
    if imported and precision() != job.precision:  # which frameworks read as they start
        raise InvalidValue(
            where, precision(), f"precision {job.precision!r}; a process keeps its first one: restart it"
        )
    os.environ[PRECISION] = job.precision
    one_thread(job.backend)
    keras = sys.modules.get("keras")
    if keras is not None and keras.config.backend() != job.backend:
        raise InvalidValue(
            where, keras.config.backend(), f"backend {job.backend!r}; a process keeps its first one: restart the worker"
        )
    os.environ[VARIABLE] = job.seed_root
    if job.data is not None:
        os.environ.setdefault(idx.VARIABLE, job.data)
    found = versions(job.backend)
    if found != job.versions:
        expected, received = (
            ", ".join(f"{name} {version}" for name, version in sorted(set(one) - set(other)))
            for one, other in ((job.versions, found), (found, job.versions))
        )
        raise InvalidValue(where, received, f"{expected}, as where the plan was made")
    cache = Path(job.cache)
    if not (cache / job.probe).exists():
        raise InvalidValue(where, f"no {job.probe} there", f"the cache folder {job.cache}, shared by all workers")
    bench = Bench(cache, job.backend)
    for task in unit.tasks:
        if (key := bench.shelf(task.block).folder.name) != task.key:
            raise InvalidValue(where, f"content address {key}", f"{task.key}: other data than where the plan was made")
    return bench
