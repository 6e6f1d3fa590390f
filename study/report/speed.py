"""Recorded benchmarks → the rows of one table: ours, the peer's, their ratio, and the share of the floor.

The floor is the least time that a machine needs for training: its matrix products at the rate of a large sgemm, and the
optimiser's memory traffic at copy bandwidth, both measured in turn with the training.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import humanize

from study.errors import EvidenceError, InvalidValue
from study.report import text

FOLDER = "benchmarks"
"""The folder beneath the results; one file a backend and machine, as pytest-benchmark writes it."""
HEADINGS = ("What", "Size", "Backend", "Device", "Threads", "Ours", "Peer", "Ratio", "Share of floor", "Commit", "Date")
KINDS = ("training", "measures", "mixture", "claims", "tox", "import", "memory", "cluster", "load", "ceiling", "growth")
"""What a record calls itself, in the order of the table; records of other kinds are left out."""
WORKERS = "Dask, two workers"
"""What is held against the study itself, by one worker."""
LOADS = {
    "plan": ("planning", "block"),
    "cache": ("250 blocks looked up in a cache", "file"),
    "judge": ("evidence judged again", "row"),
    "verdicts": ("evidence judged again and listed", "row"),
    "report": ("evidence judged again, pages drawn", "row"),
}
"""What there may be much of: what is done with it, and what it consists of."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One number, with the peer's where there is one.

    Attributes:
        what: What was timed.
        size: The data set whose shapes were trained, the size of the mixture, or the level of what grows.
        replicas: Replicas trained together; None where there are none.
        backend: Backend.
        device: What it ran on, e.g. ``cpu``.
        precision: Of matrix products, e.g. ``float32``.
        threads: Threads of a program, and how many programs ran side by side, e.g. ``2`` or ``1 × 2 programs``.
        ours: Our number, in ``unit``.
        unit: Of ours and the peer's.
        peer_name: Whom ours is compared with; empty for nobody.
        peer: The peer's number, in ``unit``.
        ratio: How many times as fast as the peer we are.
        share: Share of the floor that we reach; None where no floor is known.
        machine: Processor and cores; never the name of a host.
        date: When it was recorded, ``YYYY-MM-DD``.
        commit: The commit that was measured, shortened; empty where it is not known.
    """

    what: str = ""
    size: str = ""
    replicas: int | None = None
    backend: str
    device: str
    precision: str
    threads: str
    ours: float = 0.0
    unit: str = ""
    peer_name: str = ""
    peer: float | None = None
    ratio: float | None = None
    share: float | None = None
    machine: str
    date: str
    commit: str

    @property
    def who(self) -> str:
        """What ran: the backend, the GPU if it was one, and the precision unless float32."""
        device = [] if "cpu" in self.device.lower() else [self.device]
        return ", ".join([self.backend, *device, *(["tf32"] if self.precision == "tf32" else [])])


@dataclass(frozen=True)
class Section:
    """What the page shows: the lines of the table, and when they were recorded."""

    headings: Sequence[str]
    lines: Sequence[Sequence[str]]
    recorded: Sequence[str]


def read(results: Path) -> tuple[list[Row], list[Row]]:
    """Read every recorded benchmark; of one recorded twice on the same machine and device, the newer.

    Args:
        results: Folder of the evidence; the benchmarks are in its ``benchmarks/``.

    Returns:
        The rows of the table, by kind, what was timed, size and backend; and those of growth (``what`` is the axis,
        ``size`` its level, ``ours`` seconds an epoch), which the figure shows. None where nothing was recorded.

    Raises:
        EvidenceError: When a file is damaged, or a record lacks what its kind needs.
    """
    found = [one for path in sorted((results / FOLDER).glob("*.json")) for one in _records(path)]
    newest = {identity: (kind, rows) for _, identity, kind, rows in sorted(found, key=lambda one: one[0])}
    of = {kind: [row for its, rows in newest.values() if its == kind for row in rows] for kind in KINDS}
    growth = of.pop("growth")
    table: list[Row] = []
    for rows in of.values():
        order, sizes = (list(dict.fromkeys(getattr(row, name) for row in rows)) for name in ("what", "size"))
        table += sorted(
            rows, key=lambda r: (order.index(r.what), sizes.index(r.size), r.replicas or 0, r.who, r.peer_name)
        )
    return table, growth


def load(results: Path) -> list[Row]:
    """Return the rows of the table, refusing a folder without benchmarks.

    Raises:
        InvalidValue: When nothing was recorded.
        EvidenceError: When a file is damaged.
    """
    table, _ = read(results)
    if not table:
        raise InvalidValue("--results", str(results), f"a folder that holds {FOLDER}/ with recorded benchmarks")
    return table


def section(results: Path) -> Section | None:
    """Read the benchmarks for their page; None where nothing was recorded.

    Raises:
        EvidenceError: When a file is damaged.
    """
    table, _ = read(results)
    return Section(HEADINGS, [cells(row) for row in table], recorded(table)) if table else None


def recorded(rows: Iterable[Row]) -> list[str]:
    """Say when, from which commit, by whom and on which machine rows were measured; a line for each such run."""
    runs = sorted({(row.date, row.commit, row.who, row.machine) for row in rows})
    return [f"Recorded on {date}{commit and f' from commit {commit}'}, {who}, {at}" for date, commit, who, at in runs]


def cells(row: Row) -> list[str]:
    """Write a row under :data:`HEADINGS`."""
    size = f"{row.size}, {text.plural(row.replicas, 'replica')}" if row.replicas else row.size
    device = f"{row.device}, tf32" if row.precision == "tf32" else row.device
    peer = text.NOTHING if row.peer is None else f"{row.peer_name}: {value(row.peer, row.unit)}"
    ratio = text.NOTHING if row.ratio is None else f"{text.number(row.ratio)} ×"
    share = text.NOTHING if row.share is None else f"{100 * row.share:.0f} %"
    ours = value(row.ours, row.unit)
    return [row.what, size, row.backend, device, row.threads, ours, peer, ratio, share, row.commit, row.date]


def value(number: float, unit: str) -> str:
    """Write a number with its unit."""
    if unit == "s":
        return text.duration(number)
    if unit in ("FLOP/s", "B/s"):
        return humanize.metric(number, unit)
    if unit == "MiB":
        return humanize.naturalsize(number * 2**20, binary=True)
    return f"{text.number(number) if number < 1000 else humanize.intcomma(number, 0)} {unit}"


def _records(path: Path) -> Iterator[tuple[str, tuple[Any, ...], str, list[Row]]]:
    """Yield when each benchmark was recorded, what tells it from others, its kind, and its rows."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        processor, when = content["machine_info"]["cpu"], str(content["datetime"])
        machine = f"{processor.get('brand_raw', 'unknown processor')}, {processor.get('count', '?')} cores"
        commit = str((content.get("commit_info") or {}).get("id") or "")[:7]
        for number, one in enumerate(content["benchmarks"]):
            info = {**(one.get("params") or {}), **one["extra_info"]}
            kind, programs = info.get("kind"), info.get("programs", 1)
            if kind not in KINDS:
                continue
            row = Row(
                backend=str(info.get("backend", path.stem)),
                device=str(info.get("device", "cpu")),
                precision=str(info.get("precision") or ""),
                threads=str(info.get("threads", "")) + (f" × {programs} programs" if programs > 1 else ""),
                machine=machine,
                date=when[:10],
                commit=commit,
            )
            if not 0 < (seconds := float(one["stats"]["median"])) < float("inf"):
                raise ValueError(f"a median of {seconds} s")
            rows = [replace(row, **numbers) for numbers in _numbers(kind, info, seconds)]
            yield when, (one.get("fullname", (path, number)), row.who, machine), kind, rows
    except (OSError, ValueError, LookupError, TypeError, AttributeError, ZeroDivisionError) as error:
        raise EvidenceError(
            f"{path}: expected benchmarks as pytest-benchmark writes them, received {error!r}."
        ) from error


def _numbers(kind: str, info: Mapping[str, Any], seconds: float) -> Iterator[dict[str, Any]]:
    """Yield the fields of each row that a benchmark has; seconds: the median of its rounds."""
    match kind:
        case "training":
            what = {"one program": "training", "side by side": "training, a block a core"}[info["setting"]]
            floor = info["flop"] / median(info["sgemm"]) + info["bytes"] / median(info["copy"])
            # Steps of one VAE: a program takes a step of all its replicas at once.
            ours = info["steps"] * info["replicas"] * info.get("programs", 1) / seconds
            row = {"what": what, "size": info["size"], "replicas": info["replicas"], "share": floor / seconds}
            theirs = {name: peer["steps"] * peer["models"] / peer["median"] for name, peer in info["peers"].items()}
            yield from _against(row | {"ours": ours, "unit": "steps/s"}, theirs, more_is_better=True)
        case "mixture":
            # Fresh processes say themselves how long the density took them.
            size = " × ".join(f"{info[name]:,}" for name in ("components", "points", "latents"))
            row = {"what": "mixture density", "size": size, "unit": "s", "ours": median(info.get("seconds", [seconds]))}
            theirs = {name: peer["median"] for name, peer in info.get("peers", {}).items()}
            yield from _against(row, theirs, more_is_better=False)
            if not theirs:
                yield row | {"what": "mixture density, error", "ours": info["error_nats"], "unit": "nats"}
                yield row | {"what": "mixture density, peak memory", "ours": info["peak_mib"], "unit": "MiB"}
        case "measures":
            # Seconds of cores, for measures and training alike.
            row = {"size": f"digits, {info['latents']} latents"}
            yield row | {"what": "all measures of a VAE", "ours": info["cpu_seconds_a_vae"], "unit": "s"}
            yield row | {"what": "all measures of a VAE, against its training", "ours": info["ratio"], "unit": "×"}
        case "memory":
            first, last = info["peaks_mib"][0], info["peaks_mib"][-1]
            row = {"size": info["size"], "replicas": info["replicas"]}
            yield row | {"what": "peak memory, training", "ours": last, "unit": "MiB"}
            yield row | {"what": "peak memory, last block against the first", "ours": last / first, "unit": "×"}
        case "cluster":
            yield {"what": "Dask, overhead of a trial", "ours": 100 * info["overhead"], "unit": "%"}
            row = {"what": WORKERS, "ours": info["seconds"], "unit": "s"}
            yield from _against(row, {"one worker": info["one_worker_seconds"]}, more_is_better=False)
        case "load":
            # A fresh process; what it was given to read is not timed.
            what, of = LOADS[info["what"]]
            row = {"size": text.plural(info["size"], of)}
            yield row | {"what": what, "ours": info["seconds"], "unit": "s"}
            yield row | {"what": f"{what}, peak memory", "ours": info["peak_mib"], "unit": "MiB"}
        case "ceiling":
            unit = {"sgemm": "FLOP/s", "copy": "B/s"}[info["ceiling"]]
            yield {"what": info["ceiling"], "ours": info["amount"] / seconds, "unit": unit}
        case "growth":
            yield {"what": info["axis"], "size": str(info["level"]), "ours": seconds / info["epochs"], "unit": "s"}
        case "import":
            what = {"import study": "import study, whole process", "pass": "an empty process"}[info["statement"]]
            yield {"what": what, "ours": seconds, "unit": "s"}
        case "claims" | "tox":
            which = info.get("which", "claims")
            what = "the whole of tox, cold" if kind == "tox" else f"{which}, {info['cache']} cache"
            size = text.plural(vaes, "VAE") if (vaes := info.get("vaes")) else ""  # the claims become more with time
            yield {"what": what, "size": size, "ours": seconds, "unit": "s"}


def _against(row: dict[str, Any], peers: Mapping[str, float], *, more_is_better: bool) -> Iterator[dict[str, Any]]:
    """Yield a row a peer; without peers the row alone."""
    for name, peer in peers.items():
        ratio = row["ours"] / peer if more_is_better else peer / row["ours"]
        yield row | {"peer_name": name, "peer": peer, "ratio": ratio}
    if not peers:
        yield row
