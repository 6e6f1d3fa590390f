"""Rounds: plan what the next look would train, train it, and plan again, until nothing is left to train."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from study.errors import InvalidValue, StudyError
from study.lab import gpu, restarts, times
from study.lab.cluster.dask import DaskPool
from study.lab.cluster.local import LocalPool
from study.lab.cluster.pool import Pool, outcomes
from study.lab.cluster.slurm import SlurmPool
from study.lab.cluster.unit import Failure, Job, units
from study.lab.plan import FILE, Plan
from study.lab.work import Bench
from study.runtime.backends import cores
from study.seeds import VARIABLE

ATTEMPTS = 3
"""How often a block is given out whose worker dies; a Dask scheduler tries several times in each."""


@dataclass(frozen=True)
class Round:
    """What came of a plan.

    Attributes:
        trained: Blocks trained.
        recalled: Blocks that somebody else had trained meanwhile.
        seconds: Seconds that it took.
        worker_seconds: Seconds that workers were at blocks, together.
    """

    trained: int
    recalled: int
    seconds: float
    worker_seconds: float


def pool_of(executor: str, bench: Bench, workers: int | None = None, options: Mapping[str, Any] | None = None) -> Pool:
    """Find the workers that a user names.

    Args:
        executor: ``local``, ``dask://HOST:PORT`` or ``slurm``.
        bench: Cache and backend.
        workers: Processes of ``local`` (default: one a core; with a GPU, one), or jobs of ``slurm`` at once (default
            16).
        options: What Slurm is told of every job.

    Raises:
        InvalidValue: There is no such executor, or it cannot be reached.
    """
    kind, _, address = executor.partition("://")
    if kind != "slurm" and options:
        raise InvalidValue("--option", dict(options), "--executor slurm, which alone takes options")
    if executor == "local":
        # Two processes on one GPU would take turns.
        return LocalPool(workers if workers is not None else 1 if gpu.found(bench.backend) else cores())
    if executor == "slurm":
        return SlurmPool(bench.cache / "slurm", workers if workers is not None else 16, options or {})
    if kind == "dask" and address.rpartition(":")[0] and address.rpartition(":")[2].isdigit():
        if workers is not None:
            raise InvalidValue("--workers", workers, "none with Dask, whose scheduler knows its workers")
        return DaskPool(address)
    raise InvalidValue("--executor", executor, "'local', 'dask://HOST:PORT' or 'slurm'")


def train(plan: Plan, bench: Bench, pool: Pool, progress: Callable[[int, int], None] | None = None) -> Round:
    """Train a plan into the cache; blocks of a worker that dies are given to another.

    Args:
        plan: The plan.
        bench: Cache and backend.
        pool: The workers.
        progress: Called with the numbers of blocks done and of all.

    Raises:
        InvalidValue: The plan is stale, or a worker cannot give the numbers that it asks for.
        StudyError: Blocks could not be trained; all others were.
    """
    plan.check(bench)
    started, spent, trained, recalled = time.perf_counter(), 0.0, 0, 0
    left, failed = list(plan.tasks), list[Failure]()
    with restarts.expected(), Job.of(bench, plan.seed_root) as job:
        for attempt in range(1, ATTEMPTS + 1):
            lost: list[Failure] = []
            for outcome in outcomes(pool, job, units(left, pool.slots(), attempt, pool.least)):
                if isinstance(outcome, Failure):
                    (lost if outcome.lost else failed).append(outcome)
                    continue
                spent += outcome.seconds
                if outcome.trained:
                    trained += 1
                    times.note(bench.cache, bench.backend, outcome)
                else:
                    recalled += 1
                if progress is not None:
                    progress(trained + recalled, len(plan.tasks))
            left = [failure.task for failure in lost]
            if not left:
                break
        failed += lost
    if failed:
        first = failed[0]
        raise StudyError(
            f"{len(failed)} of {len(plan.tasks)} blocks could not be trained, the others are in the cache. "
            f"{first.task.block.config.canonical}: {first.error}"
        )
    return Round(trained, recalled, time.perf_counter() - started, spent)


def again(plan: Plan, cache: Path) -> Plan:
    """Make a plan again, in a process of its own, as it was made: what is complete in the cache is judged on the way.

    Until it is whole the last one stands, which whoever takes up the work can go on with.

    Raises:
        StudyError: pytest failed.
    """
    before = _file(cache / FILE)
    environment = os.environ | {"KERAS_BACKEND": plan.backend, VARIABLE: plan.seed_root}
    command = [sys.executable, "-m", "pytest", *plan.arguments]
    run = subprocess.run(
        command, cwd=plan.folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    if run.returncode != 0 or _file(cache / FILE) in (None, before):
        raise StudyError(
            f"planning again: expected pytest to write {cache / FILE}, received exit status {run.returncode} from "
            f"{command} in {plan.folder}:\n{run.stdout[-4000:]}{run.stderr[-4000:]}"
        )
    return Plan.read(cache)


def _file(path: Path) -> tuple[int, int] | None:
    """Tell a file from the one that takes its place; None where there is none."""
    if not path.exists():
        return None
    status = path.stat()
    return status.st_ino, status.st_mtime_ns
