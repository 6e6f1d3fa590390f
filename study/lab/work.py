"""One unit of work: train or recall blocks, then measure them; run here or on a worker.

A unit may be done twice, or begun and lost with its worker: artefacts are content-addressed, published whole, and
recalled where they are in the store already, so the outcome is the same. The framework is imported only here, and only
when something is not in the store.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import platform
import socket
import sys
import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import Timeout

from study.errors import InvalidValue, StudyError
from study.lab.artefacts import Block, Setting
from study.lab.measuring import computation, seeds_of, treated
from study.lab.store import Store
from study.lab.subjects.trained import TrainedBlock
from study.lab.training import ensure, train_together, weights_of
from study.latent.gaussians import DiagonalGaussians
from study.measures.registry import Measure
from study.runtime.backends import BACKENDS, backend_version
from study.runtime.threads import ONE_THREAD, one_thread

_ONE_AT_A_TIME = threading.Lock()
"""Programs and models are shared within a process, so that a worker of several threads works with one of them."""
_PRECISION: list[str] = []
"""The precision that this process has worked with, if it has."""


@dataclass(frozen=True)
class Task:
    """A block, and what is to be measured of it; nothing where it is only to be trained."""

    block: Block
    measures: tuple[Measure, ...] = ()


@dataclass(frozen=True)
class Unit:
    """Tasks that one worker does, one after the other; those of one program together, so that it is compiled once.

    Attributes:
        tasks: The tasks, of one setting.
        store: Root of the artefact store: a folder that all workers share, by the same absolute path.
        agreed: What every worker must agree with (:func:`agreement`).
        run: Token of the run, by which is known what it trained.
        probe: Name of a file in the store, by which a worker sees that it is the same folder; empty for none.
    """

    tasks: tuple[Task, ...]
    store: str
    agreed: tuple[tuple[str, str], ...]
    run: str = ""
    probe: str = ""

    @property
    def setting(self) -> Setting:
        """The setting of its tasks."""
        return self.tasks[0].block.setting


@dataclass(frozen=True)
class Done:
    """What came of one task.

    Attributes:
        block: The block.
        trained: Whether this run trained it, be it at an attempt whose worker died.
        error: Why it was not done; None where it was.
        unmeasured: Measures that could not be computed, and why; the others are in the store.
        damaged: Files of it that were found damaged, and made again.
    """

    block: Block
    trained: bool = False
    error: Exception | None = None
    unmeasured: tuple[tuple[Measure, Exception], ...] = ()
    damaged: tuple[str, ...] = ()


def agreement(tasks: Sequence[Task]) -> tuple[tuple[str, str], ...]:
    """Return what shapes the numbers of tasks of one setting, and must be the same on every worker."""
    backend = tasks[0].block.setting.backend
    blocks = [task.block for task in tasks]
    keys = [block.posterior_key() for block in blocks] + [t.block.value_key(m) for t in tasks for m in t.measures]
    return (
        ("Python", ".".join(platform.python_version_tuple()[:2])),
        (backend, backend_version(backend) or "not installed"),
        ("keras", backend_version("keras") or "not installed"),
        ("code, packages and data", hashlib.sha256(" ".join(keys).encode()).hexdigest()[:12]),
    )


def work(unit: Unit, *, here: bool = False) -> list[Done] | InvalidValue:
    """Do a unit.

    Args:
        unit: What is to be done.
        here: Whether this is the session's own process, whose frameworks may have been imported by anybody.

    Returns:
        What came of each task; or, instead of raising it, what is wrong with this worker.
    """
    from threadpoolctl import threadpool_limits

    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of frameworks
        try:
            _prepare(unit, here=here)
        except InvalidValue as error:
            return error
        with threadpool_limits(limits=1):  # libraries that are imported already
            done = _tasks(unit)
    return done if here else [_portable(one) for one in done]


def _portable(done: Done) -> Done:
    """Return what came of a task with errors that survive the way to the session: themselves, or their text."""

    def plain(error: Exception) -> Exception:
        try:
            survives = str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 (its own bytes)
        except Exception:
            survives = False
        return error if survives else StudyError(f"{type(error).__name__}: {error}")

    unmeasured = tuple((measure, plain(error)) for measure, error in done.unmeasured)
    return replace(done, error=None if done.error is None else plain(done.error), unmeasured=unmeasured)


def _tasks(unit: Unit) -> list[Done]:
    store = Store(Path(unit.store))
    train_together(store, [task.block.trained for task in unit.tasks], unit.run)
    done, busy = [], []
    for task in unit.tasks:
        try:
            done.append(_one(store, task, unit.run, wait=False))
        except Timeout:  # another process is at it: it comes last
            busy.append(task)
    return done + [_one(store, task, unit.run, wait=True) for task in busy]


def _one(store: Store, task: Task, run: str, *, wait: bool) -> Done:
    """Do a task under its block's lock; an error of whatever kind is the task's own, and the others go on."""
    try:
        with store.lock(task.block, wait=wait):
            store.sweep(task.block)
            ensure(store, [task.block.trained], run, wait=wait)
            unmeasured = _measure(store, task)
    except Timeout:
        raise
    except Exception as error:
        return Done(task.block, error=error)
    status = store.status(task.block)
    trained = status is not None and status.run == run
    return Done(task.block, trained, unmeasured=unmeasured, damaged=tuple(store.damaged))


def _measure(store: Store, task: Task) -> tuple[tuple[Measure, Exception], ...]:
    """Measure what is not in the store; return what cannot be measured, and why: the other measures go on."""
    block = task.block
    missing = [measure for measure in task.measures if store.values(block, measure) is None]
    if not missing:
        return ()
    config, folder = block.config, block.setting.data
    subject = TrainedBlock(config, weights_of(store, block))
    seeds = seeds_of(config.key, block.replicas, block.setting.seed_root)
    computing = computation(subject, seeds, folder, lambda: _posteriors(store, block, subject))
    unmeasured: list[tuple[Measure, Exception]] = []
    for measure in missing:
        try:
            store.publish_value(block, measure, computing.value(measure))
        except InvalidValue as error:
            whole = f"{error.argument}, of the VAE {config.canonical}"
            unmeasured.append((measure, InvalidValue(whole, error.received, error.expected)))
        except Exception as error:
            unmeasured.append((measure, error))
    return tuple(unmeasured)


def _posteriors(store: Store, block: Block, subject: TrainedBlock) -> tuple[DiagonalGaussians, DiagonalGaussians]:
    """Recall the posteriors of both splits, or compute and keep them, in the framework's own float32."""
    found = store.posteriors(block)
    if found is None:
        config, folder = block.config, block.setting.data
        found = (
            subject.posterior(treated(config.data, config.images, config.pixels, "train", folder)),
            subject.posterior(treated(config.data, config.images, config.pixels, "heldout", folder)),
        )
        arrays = {
            f"{split}_{name}": getattr(q, name).astype("float32")
            for split, q in zip(("train", "heldout"), found, strict=True)
            for name in ("mean", "log_var")
        }
        store.publish_posteriors(block, arrays)
    return found


def _prepare(unit: Unit, *, here: bool) -> None:
    """Make this process one that gives the same numbers as any other, or refuse."""
    where, setting = "this process" if here else f"worker on {socket.gethostname()}", unit.setting
    if not here:
        _check_threads(where)
    if "keras" in sys.modules:
        backend = sys.modules["keras"].config.backend()
        if backend != setting.backend:
            expected = f"backend {setting.backend!r}; a process keeps its first one: restart it"
            raise InvalidValue(where, f"backend {backend!r}", expected)
        if _PRECISION and _PRECISION[0] != setting.precision:  # which frameworks read as they start
            expected = f"precision {setting.precision!r}; a process keeps its first one: restart it"
            raise InvalidValue(where, f"precision {_PRECISION[0]!r}", expected)
    _PRECISION[:] = [setting.precision]
    one_thread(setting.backend, setting.precision)
    try:
        found = agreement(unit.tasks)
    except StudyError as error:  # data or a measure that is not there
        raise InvalidValue(where, str(error), "what the run was started with") from error
    if found != unit.agreed:
        expected, received = (
            ", ".join(f"{name} {version}" for name, version in sorted(set(one) - set(other)))
            for one, other in ((unit.agreed, found), (found, unit.agreed))
        )
        raise InvalidValue(where, received, f"{expected}, as where the run was started")
    if unit.probe and not (Path(unit.store) / unit.probe).exists():
        expected = f"the cache folder {unit.store}, shared by all workers"
        raise InvalidValue(where, f"no {unit.probe} there", expected)


def _check_threads(where: str) -> None:
    """Refuse a worker of several threads, and one whose framework was imported before it was told to use one."""
    from distributed import get_worker

    try:
        threads = get_worker().state.nthreads
    except ValueError:  # no worker of Dask
        threads = 1
    if threads != 1:
        raise InvalidValue(where, f"{threads} threads", "one thread: `dask worker … --nthreads 1`")
    imported = [name for name in BACKENDS if name in sys.modules]
    if imported and any(os.environ.get(name, "") != value for name, value in ONE_THREAD.items()):
        received = f"one that has imported {imported[0]} already"
        raise InvalidValue(where, received, "a process that imports it for us, on one thread")
