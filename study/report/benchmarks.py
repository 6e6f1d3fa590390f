"""Recorded benchmarks → rows: ours, the peer, their ratio, the share of the floor, the goal, and why it was missed."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from study.errors import EvidenceError, InvalidValue
from study.report import floor, goals, reasons
from study.report.goals import CPU, GOALS, Goal

FOLDER = "benchmarks"
"""The folder beneath the results; one file a backend and machine, as pytest-benchmark writes it."""
NOT_RUN = "not run"

Growth = dict[str, dict[str, dict[int, float]]]
"""Axis → who trained (:attr:`Measurement.who`) → level → seconds an epoch."""


@dataclass(frozen=True)
class Measurement:
    """One benchmark, as recorded.

    Attributes:
        path: The file that it is from.
        kind: ``ceiling``, ``training``, ``growth``, ``profile``, ``mixture``, ``memory``, ``claims``,
            ``cluster``, ``tox`` or ``import``.
        seconds: Median of its rounds, in seconds.
        info: What the benchmark recorded beside its times.
        backend: Backend it ran on.
        machine: Processor and cores; never a name of the host.
        date: When it was recorded, ``YYYY-MM-DD``.
        commit: The commit that was measured, shortened; empty where it is not known.
    """

    path: Path
    kind: str
    seconds: float
    info: Mapping[str, Any]
    backend: str
    machine: str
    date: str
    commit: str = ""

    @property
    def place(self) -> str:
        """``CPU`` or ``GPU``; empty where the device is not known."""
        return goals.place(self.device)

    @property
    def device(self) -> str:
        """What it ran on, e.g. ``cpu``."""
        return str(self.info.get("device", "cpu"))

    @property
    def who(self) -> str:
        """What trained, :func:`study.report.goals.who`."""
        return goals.who(self.backend, self.device, str(self.info.get("precision")))


@dataclass(frozen=True, kw_only=True)
class Row:
    """One comparison.

    Attributes:
        what: What was timed.
        size: ``digits``, ``mnist``, or the size of the mixture.
        replicas: Replicas trained together; None where there are none.
        backend: Backend.
        device: What it ran on, e.g. ``cpu``.
        precision: Of matrix products, e.g. ``float32``.
        threads: Threads of a program, and how many programs ran side by side, e.g. ``2`` or ``1 × 2 programs``.
        ours: Our number, in ``unit``.
        peer_name: Whom ours is compared with; empty for nobody.
        peer: The peer's number, in ``unit``.
        unit: Of ours and the peer's.
        ratio: How many times as fast as the peer we are; for the floor, the share of it that we reach.
        share: Share of the floor that we reach; None where no floor is known.
        goal: The goal, or empty.
        met: ``yes``, ``no``, ``not measured``; empty without a goal.
        reason: Why a goal was missed, or not measured.
        machine: Processor and cores.
        date: When it was recorded.
        commit: The commit that was measured, shortened.
    """

    what: str
    size: str = ""
    replicas: int | None = None
    backend: str
    device: str = ""
    precision: str = ""
    threads: str = ""
    ours: float | None = None
    peer_name: str = ""
    peer: float | None = None
    unit: str
    ratio: float | None = None
    share: float | None = None
    goal: str = ""
    met: str = ""
    reason: str = ""
    machine: str = ""
    date: str = ""
    commit: str = ""

    @property
    def who(self) -> str:
        """What trained, :func:`study.report.goals.who`."""
        return goals.who(self.backend, self.device or "cpu", self.precision)

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as plain JSON values."""
        return asdict(self)


def read(results: Path) -> list[Measurement]:
    """Read every recorded benchmark; where one was recorded twice on the same machine and device, the newer one.

    Args:
        results: Folder of the evidence; the benchmarks are in its ``benchmarks/``.

    Returns:
        The measurements, by file; none where nothing was recorded.

    Raises:
        EvidenceError: When a file is damaged.
    """
    found = [one for path in sorted((results / FOLDER).glob("*.json")) for one in _measurements(path)]
    newest = {identity: (when, one) for when, identity, one in sorted(found, key=lambda one: one[0])}
    return [one for when, identity, one in found if newest[identity] == (when, one)]


def load(results: Path) -> list[Row]:
    """Return every row, refusing a folder without benchmarks.

    Args:
        results: Folder of the evidence.

    Returns:
        As :func:`rows`.

    Raises:
        InvalidValue: When nothing was recorded.
        EvidenceError: When a file is damaged.
    """
    found = read(results)
    if not found:
        raise InvalidValue("--results", str(results), f"a folder that holds {FOLDER}/ with recorded benchmarks")
    return rows(found)


def rows(measurements: Sequence[Measurement]) -> list[Row]:
    """Compare every measurement with its peers and goals.

    Args:
        measurements: All of them.

    Returns:
        Rows in the order of the goals' table, then the goals that nothing was measured for.

    Raises:
        EvidenceError: When a record lacks what its kind needs.
    """
    profiles = reasons.Profiles(measurements)
    judged = [_judge(row, one, profiles) for one in measurements if one.kind in _MAKERS for row in _rows(one)]
    judged += list(_fastest(judged))
    order = {goal.what: number for number, goal in reversed(list(enumerate(GOALS)))}
    judged.sort(key=lambda row: (order.get(row.what, -1), row.what, row.size, row.replicas or 0, row.backend))
    return judged + list(_not_measured(judged, measurements))


def growth(measurements: Iterable[Measurement]) -> Growth:
    """Return how the time of an epoch grows.

    Args:
        measurements: All of them; those of kind ``growth`` count.

    Returns:
        Axis → who trained → level → seconds an epoch.

    Raises:
        EvidenceError: When a record lacks a field.
    """
    found: Growth = {}
    for one in measurements:
        if one.kind == "growth":
            try:
                axis, level, epochs = str(one.info["axis"]), int(one.info["level"]), one.info["epochs"]
                found.setdefault(axis, {}).setdefault(one.who, {})[level] = one.seconds / epochs
            except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
                raise EvidenceError(
                    f"{one.path}: expected growth with axis, level and epochs, received {error!r}."
                ) from error
    return found


def _measurements(path: Path) -> Iterator[tuple[str, tuple[Any, ...], Measurement]]:
    """Yield when each was recorded, what tells it from others, and the measurement."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        machine = content["machine_info"]["cpu"]
        brand = f"{machine.get('brand_raw', 'unknown processor')}, {machine.get('count', '?')} cores"
        when, commit = str(content["datetime"]), str((content.get("commit_info") or {}).get("id") or "")[:7]
        for number, one in enumerate(content["benchmarks"]):
            info = {**(one.get("params") or {}), **one["extra_info"]}
            kind = info.get("kind") or ("import" if "statement" in info else "claims" if "cache" in info else "other")
            backend = str(info.get("backend", path.stem))
            seconds = float(one["stats"]["median"])
            if not 0 < seconds < math.inf:
                raise ValueError(f"a median of {seconds} s")
            measured = Measurement(path, kind, seconds, info, backend, brand, when[:10], commit)
            yield when, (one.get("fullname", (path, number)), measured.who, brand), measured
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EvidenceError(
            f"{path}: expected benchmarks as pytest-benchmark writes them, received {error!r}."
        ) from error


def _rows(one: Measurement) -> list[Row]:
    try:
        return list(_MAKERS[one.kind](one))
    except (KeyError, TypeError, ValueError, ZeroDivisionError, AttributeError) as error:
        name = f"a {one.kind} benchmark with the fields of its kind"
        raise EvidenceError(f"{one.path}: expected {name}, received {error!r}.") from error


def _base(one: Measurement, what: str, unit: str, **more: Any) -> Row:
    programs = one.info.get("programs", 1)
    threads = str(one.info.get("threads", "")) + (f" × {programs} programs" if programs > 1 else "")
    return Row(
        what=what,
        backend=one.backend,
        device=one.device,
        precision=str(one.info.get("precision", "")),
        threads=threads,
        unit=unit,
        machine=one.machine,
        date=one.date,
        commit=one.commit,
        **more,
    )


def _ceiling(one: Measurement) -> Iterator[Row]:
    unit = {"sgemm": "GFLOP/s", "copy": "GB/s"}[one.info["ceiling"]]
    yield _base(one, one.info["ceiling"], unit, ours=one.info["amount"] / one.seconds / 1e9)


def share_of_floor(one: Measurement) -> float:
    """Return the share of the floor that a training reached, by the ceilings measured in turn with it."""
    sgemm, copy = median(one.info["sgemm"]), median(one.info["copy"])
    return floor.floor_seconds(one.info["flop"], one.info["bytes"], sgemm, copy) / one.seconds


def _training(one: Measurement) -> Iterator[Row]:
    info = one.info
    programs = info.get("programs", 1)

    def rate(seconds: float, steps: int, models: int) -> float:
        return floor.models_an_hour(seconds, steps, info["size"], info["batch"], models)

    ours = rate(one.seconds, info["steps"], info["replicas"] * programs)
    share = share_of_floor(one)
    what = {"one program": goals.TRAINING, "side by side": goals.SIDE_BY_SIDE}[info["setting"]]
    unit = "models an hour"
    row = _base(one, what, unit, size=info["size"], replicas=info["replicas"], ours=ours, share=share)
    yield replace(row, peer_name=goals.FLOOR, peer=ours / share, ratio=share)
    for name, peer in info["peers"].items():
        theirs = rate(peer["median"], peer["steps"], peer["models"])
        yield replace(row, peer_name=name, peer=theirs, ratio=ours / theirs)
    for name, reason in info.get("skipped", {}).items():
        yield replace(row, peer_name=name, reason=reason)


def _mixture(one: Measurement) -> Iterator[Row]:
    info = one.info
    size = " × ".join(f"{info[name]:,}" for name in ("components", "points", "latents"))
    row = _base(one, goals.MIXTURE, "s", size=size)
    if "peers" in info:
        # Fresh processes say themselves how long the density took them.
        ours = median(info.get("seconds", [one.seconds]))
        for name, peer in info["peers"].items():
            yield replace(row, ours=ours, peer_name=name, peer=peer["median"], ratio=peer["median"] / ours)
    else:
        yield replace(row, ours=median(info["seconds"]))
        yield replace(row, what=goals.ERROR, unit="nats", ours=info["error_nats"])
        yield replace(row, what=goals.MIXTURE_MEMORY, unit="MiB", ours=info["peak_mib"])


def _memory(one: Measurement) -> Iterator[Row]:
    first, last = one.info["peaks_mib"][0], one.info["peaks_mib"][-1]
    row = _base(one, "peak memory, training", "MiB", size=one.info["size"], replicas=one.info["replicas"])
    yield replace(row, ours=last)
    yield replace(row, what=goals.GROWTH_OF_MEMORY, unit="×", ours=last / first)


def _claims(one: Measurement) -> Iterator[Row]:
    yield _base(one, goals.CLAIMS[one.info["cache"]], "s", ours=one.seconds)


def _tox(one: Measurement) -> Iterator[Row]:
    yield _base(one, goals.TOX, "s", ours=one.seconds)


def _cluster(one: Measurement) -> Iterator[Row]:
    info = one.info
    yield _base(one, goals.OVERHEAD, "%", ours=100 * info["overhead"])
    row = _base(one, goals.CLUSTER, "s", ours=info["seconds"], peer_name=goals.ONE_WORKER)
    yield replace(row, peer=info["one_worker_seconds"], ratio=info["one_worker_seconds"] / info["seconds"])


def _import(one: Measurement) -> Iterator[Row]:
    what = {"import study": goals.IMPORT, "pass": "an empty process"}[one.info["statement"]]
    yield _base(one, what, "s", ours=one.seconds)


_MAKERS = {
    "ceiling": _ceiling,
    "training": _training,
    "mixture": _mixture,
    "memory": _memory,
    "claims": _claims,
    "cluster": _cluster,
    "tox": _tox,
    "import": _import,
}


def _fastest(judged: Iterable[Row]) -> Iterator[Row]:
    """The claims on the fastest backend, as a row of its own."""
    cold = [r for r in judged if r.what == goals.CLAIMS["cold"] and r.ours is not None and goals.place(r.device) == CPU]
    if cold:
        best = min(cold, key=lambda row: row.ours or 0.0)
        (goal,) = [goal for goal in GOALS if goals.FASTEST in goal.backends]
        yield _against(replace(best, backend=f"{goals.FASTEST} ({best.backend})"), goal, None, None)


def _judge(row: Row, one: Measurement, profiles: reasons.Profiles | None) -> Row:
    """Hold a row against its goal, where there is one."""
    goal = next((goal for goal in GOALS if goal.is_for(row) and goal.place == one.place), None)
    return row if goal is None else _against(row, goal, one, profiles)


def _against(row: Row, goal: Goal, one: Measurement | None, profiles: reasons.Profiles | None) -> Row:
    value = row.ratio if goal.peer else row.ours
    if value is None:
        return replace(row, goal=goal.text, met="not measured", reason=row.reason or NOT_RUN)
    if goal.met(value):
        return replace(row, goal=goal.text, met="yes")
    if one and one.kind == "memory":
        peaks = ", ".join(f"{peak:,.0f}" for peak in one.info["peaks_mib"])
        return replace(row, goal=goal.text, met="no", reason=f"the peak after each block: {peaks} MiB")
    why = reasons.why(goal, value, row.share, profiles.of(one) if profiles and one else None)
    return replace(row, goal=goal.text, met="no", reason=why)


def _not_measured(judged: Sequence[Row], measurements: Sequence[Measurement]) -> Iterator[Row]:
    """A row for each goal and backend that no measurement is held against."""
    machines = {one.place for one in measurements}
    for goal in GOALS:
        for backend in goal.backends:
            if backend == goals.FASTEST:
                seen = any(row.backend.startswith(goals.FASTEST) for row in judged)
            else:
                there = goal.place in machines
                seen = there and any(goal.is_for(row) and row.backend == backend and row.goal for row in judged)
            if not seen:
                yield Row(
                    what=goal.what,
                    size=goal.size,
                    replicas=goal.replicas,
                    backend=backend,
                    device=goal.place,
                    peer_name=goal.peer,
                    unit=goal.unit,
                    goal=goal.text,
                    met="not measured",
                    reason=NOT_RUN,
                )
