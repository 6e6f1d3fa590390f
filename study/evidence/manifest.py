"""The manifest of a run: the machine, versions, seeds and command that its evidence came from."""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from study import seeds
from study.errors import InvalidValue
from study.evidence.records import VerdictRow
from study.runtime.backends import BACKENDS, backend_version, version

DISTRIBUTION = "vae-claims"
PACKAGES = ("numpy", "scipy", "scikit-learn", "hypothesis", "pytest", "keras")
REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class RowCost:
    """What judging one row took.

    Attributes:
        seconds: Wall time, in seconds.
        trained: Trials trained for it.
        recalled: Trials recalled from the cache.
    """

    seconds: float
    trained: int
    recalled: int


@dataclass(frozen=True, kw_only=True)
class RowOrigin(RowCost):
    """Where one row came from: the store keeps the rows of earlier, partial runs.

    Attributes:
        finished: When, in UTC.
        command: The command.
        versions: Versions of Keras and the backend.
        commit: Commit of the source checkout; None where there is none.
        dirty: Whether it had local changes; None where there is none.
    """

    finished: str
    command: str
    versions: Mapping[str, str | None]
    commit: str | None
    dirty: bool | None


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A run: totals are this run's, and each row says where it came from.

    Attributes:
        scale: ``quick``, ``standard`` or ``full``.
        backend: Backend that trained.
        command: The command.
        python: Version of Python.
        platform: The machine.
        versions: Versions of what the numbers rest on, by distribution.
        device: What it trained on, e.g. ``cpu``.
        threads: Threads it was capped to; None where it was not.
        precision: E.g. ``float32``.
        hypothesis_profile: The Hypothesis profile that was loaded.
        seed_root: Seed root of the trials.
        commit: Commit of the source checkout; None where there is none.
        dirty: Whether it had local changes; None where there is none.
        started: When it began, in UTC.
        finished: When it ended, in UTC.
        seconds: Wall time, in seconds.
        trained: Trials trained.
        recalled: Trials recalled from the cache.
        rows: Where each row came from, by :func:`row_key`.
    """

    scale: str
    backend: str
    command: str
    python: str
    platform: str
    versions: Mapping[str, str | None]
    device: str
    threads: int | None
    precision: str
    hypothesis_profile: str
    seed_root: str
    commit: str | None
    dirty: bool | None
    started: str
    finished: str
    seconds: float
    trained: int
    recalled: int
    rows: Mapping[str, RowOrigin]


def row_key(row: VerdictRow) -> str:
    """Return the key of a row's entry, e.g. ``kl_pull[axis=kl_weight]@digits``."""
    parameters = ",".join(f"{name}={value}" for name, value in sorted(row.parameters.items()))
    return f"{row.claim}[{parameters}]@{row.data}"


def manifest(
    *,
    scale: str,
    backend: str,
    device: str,
    threads: int | None,
    precision: str,
    hypothesis_profile: str,
    seed_root: str,
    started: datetime,
    finished: datetime,
    rows: Mapping[str, RowCost],
    command: Sequence[str] | None = None,
    repository: Path = REPOSITORY,
) -> Manifest:
    """Describe a run.

    Args:
        scale: ``quick``, ``standard`` or ``full``.
        backend: Backend that trained, a key of :data:`study.runtime.backends.BACKENDS`.
        device: What it trained on, e.g. ``cpu``.
        threads: Threads it was capped to; None where it was not.
        precision: E.g. ``float32``.
        hypothesis_profile: The Hypothesis profile that was loaded.
        seed_root: Seed root of the trials.
        started: When it began, with a time zone.
        finished: When it ended, with a time zone.
        rows: Cost of each row judged, by :func:`row_key`.
        command: Arguments it was called with; None for this process's own.
        repository: Folder of the source checkout.

    Raises:
        InvalidValue: A time without a time zone, or an end before the beginning.
    """
    if started.tzinfo is None or finished.tzinfo is None or finished < started:
        raise InvalidValue("started, finished", (started, finished), "two times with time zones, in order")
    end = _utc(finished)
    commit, dirty = _source(repository)
    called = _command(sys.argv if command is None else command)
    return Manifest(
        scale=scale,
        backend=backend,
        command=called,
        python=platform.python_version(),
        platform=platform.platform(),
        versions={name: version(name) for name in PACKAGES} | {backend: backend_version(backend)},
        device=device,
        threads=threads,
        precision=precision,
        hypothesis_profile=hypothesis_profile,
        seed_root=seed_root,
        commit=commit,
        dirty=dirty,
        started=_utc(started),
        finished=end,
        seconds=round((finished - started).total_seconds(), 3),
        trained=sum(cost.trained for cost in rows.values()),
        recalled=sum(cost.recalled for cost in rows.values()),
        rows={
            key: RowOrigin(
                seconds=round(cost.seconds, 3),
                trained=cost.trained,
                recalled=cost.recalled,
                finished=end,
                command=called,
                versions={name: backend_version(name) for name in ("keras", backend)},
                commit=commit,
                dirty=dirty,
            )
            for key, cost in sorted(rows.items())
        },
    )


def run_info() -> dict[str, object]:
    """Describe this installation, importing no deep-learning framework.

    Returns:
        Plain JSON values: versions (None where not installed), the selected backend, the backends that are installed,
        the source checkout.
    """
    commit, dirty = _source(REPOSITORY)
    return {
        "study": version(DISTRIBUTION),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpus": os.cpu_count(),
        "versions": {name: version(name) for name in PACKAGES},
        "keras_backend": os.environ.get("KERAS_BACKEND"),
        "backends": {name: backend_version(name) for name in BACKENDS},
        "seed_root": seeds.ROOT,
        "commit": commit,
        "dirty": dirty,
    }


def _source(repository: Path) -> tuple[str | None, bool | None]:
    """Commit and state of the checkout; None for both where there is none, or git is not to be had."""
    top = _git(repository, "rev-parse", "--show-toplevel")
    # An installed package may lie inside some other project's checkout, whose commit says nothing.
    if top is None or Path(top).resolve() != repository.resolve():
        return None, None
    status = _git(repository, "status", "--porcelain", "--", ".", ":(exclude)results")
    commit = _git(repository, "rev-parse", "--verify", "--quiet", "HEAD")
    return commit, None if status is None else bool(status)


def _git(repository: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(repository), *arguments], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _command(arguments: Sequence[str]) -> str:
    """The command without the folder of the program, which is the machine's own."""
    program = Path(arguments[0])
    name = program.parent.name if program.name == "__main__.py" else program.name
    return shlex.join([name, *arguments[1:]])


def _utc(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds")
