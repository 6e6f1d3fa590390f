"""The manifest of a run: the machine, versions, seeds and command that its evidence came from."""

from __future__ import annotations

import os
import platform
import shlex
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from study import seeds
from study.errors import InvalidValue
from study.evidence.checkout import own_source, source
from study.evidence.records import GIVEN, VerdictRow
from study.runtime.backends import BACKENDS, backend_version, version

DISTRIBUTION = "vae-claims"
PACKAGES = ("numpy", "scipy", "scikit-learn", "hypothesis", "pytest", "keras")
REPOSITORY = Path(__file__).resolve().parents[2]
CACHE = "--study-cache"
"""The option that names a folder of the machine's own."""


@dataclass(frozen=True, kw_only=True)
class Package:
    """The code of the study that a run used.

    Attributes:
        version: Version of the distribution; None where it is not installed.
        commit: Commit of its source checkout; None where there is none.
        dirty: Whether that had local changes; None where there is none.
    """

    version: str | None
    commit: str | None
    dirty: bool | None


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
        processor: Model of the processor.
        commit: Commit of the checkout that holds the claims; None where there is none.
        dirty: Whether it had local changes; None where there is none.
        package: The code of the study.
    """

    finished: str
    command: str
    versions: Mapping[str, str | None]
    processor: str = ""
    commit: str | None
    dirty: bool | None
    package: Package | None = None


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
        processor: Model of the processor.
        commit: Commit of the checkout that holds the claims; None where there is none.
        dirty: Whether it had local changes; None where there is none.
        package: The code of the study.
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
    processor: str = ""
    commit: str | None
    dirty: bool | None
    package: Package | None = None
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
    claims: Path,
    command: Sequence[str] | None = None,
    repository: Path = REPOSITORY,
) -> Manifest:
    """Describe a run.

    Args:
        scale: ``quick``, ``standard`` or ``full``.
        backend: Backend that trained, a key of :data:`study.runtime.backends.BACKENDS`; or :data:`GIVEN`.
        device: What it trained on, e.g. ``cpu``.
        threads: Threads it was capped to; None where it was not.
        precision: E.g. ``float32``.
        hypothesis_profile: The Hypothesis profile that was loaded.
        seed_root: Seed root of the trials.
        started: When it began, with a time zone.
        finished: When it ended, with a time zone.
        rows: Cost of each row judged, by :func:`row_key`.
        claims: Folder of the claims.
        command: Arguments it was called with; None for this process's own.
        repository: Folder of the study's own source checkout.

    Raises:
        InvalidValue: A time without a time zone, or an end before the beginning.
    """
    if started.tzinfo is None or finished.tzinfo is None or finished < started:
        raise InvalidValue("started, finished", (started, finished), "two times with time zones, in order")
    end = _utc(finished)
    commit, dirty = source(claims)
    package, model = _package(repository), processor()
    called = _command(sys.argv if command is None else command)
    trained_by = () if backend == GIVEN else ("keras", backend)
    return Manifest(
        scale=scale,
        backend=backend,
        command=called,
        python=platform.python_version(),
        platform=platform.platform(),
        versions={name: backend_version(name) for name in (*PACKAGES, *trained_by)},
        device=device,
        threads=threads,
        precision=precision,
        hypothesis_profile=hypothesis_profile,
        seed_root=seed_root,
        processor=model,
        commit=commit,
        dirty=dirty,
        package=package,
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
                versions={name: backend_version(name) for name in trained_by},
                processor=model,
                commit=commit,
                dirty=dirty,
                package=package,
            )
            for key, cost in sorted(rows.items())
        },
    )


def run_info() -> dict[str, object]:
    """Describe this installation, importing no deep-learning framework.

    Returns:
        Plain JSON values: versions (None where not installed), the selected backend, the backends that are installed,
        the source checkout, the processor.
    """
    package = asdict(_package(REPOSITORY))
    return {
        "study": package.pop("version"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpus": os.cpu_count(),
        "processor": processor(),
        "versions": {name: version(name) for name in PACKAGES},
        "keras_backend": os.environ.get("KERAS_BACKEND"),
        "backends": {name: backend_version(name) for name in BACKENDS},
        "seed_root": seeds.ROOT,
        **package,
    }


def processor() -> str:
    """Return the model of the processor, as far as the system says it."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _package(repository: Path) -> Package:
    commit, dirty = own_source(repository)
    return Package(version=version(DISTRIBUTION), commit=commit, dirty=dirty)


def _command(arguments: Sequence[str]) -> str:
    """The command without the folders of the program and of the cache, which are the machine's own."""
    program = Path(arguments[0])
    name = program.parent.name if program.name == "__main__.py" else program.name
    rest = list(arguments[1:])
    if CACHE in rest:
        at = rest.index(CACHE)
        del rest[at : at + 2]
    return shlex.join([name, *(one for one in rest if not one.startswith(f"{CACHE}="))])


def _utc(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds")
