"""The page's section on speed: goals, models an hour, where the time goes, what was not run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from study.report import benchmark_figure, benchmarks, costs, floor, goals, reasons, text
from study.report.benchmarks import Measurement, Row
from study.report.reasons import PARTS, Profile

FIGURE = "speed.png"
MARKS = {"yes": "✔", "no": "✘"}


@dataclass(frozen=True)
class Section:
    """What the template shows; tables are headings and lines of cells.

    Attributes:
        standing: How many goals were met, in one sentence.
        goals: The goals that something was measured for.
        rates: Models an hour.
        profile: Where the time of an epoch goes.
        density: Where the time of the mixture density goes, as sentences.
        gaps: Goals that nothing was measured for, as sentences.
        costs: What many VAEs would cost, on paper.
        notes: What is to be known about the numbers, as sentences.
        figure: Path of the figure, relative to the page; empty without one.
    """

    standing: str
    goals: list[list[str]]
    rates: list[list[str]]
    profile: list[list[str]]
    density: list[str]
    gaps: list[str]
    costs: list[list[str]]
    notes: list[str]
    figure: str


def section(results: Path) -> tuple[Section | None, list[Path]]:
    """Read the benchmarks and draw their figure.

    Args:
        results: Folder of the evidence; receives ``figures/speed.png``.

    Returns:
        The section, None where nothing was recorded; and the files written.

    Raises:
        EvidenceError: When a file is damaged.
    """
    measurements = benchmarks.read(results)
    if not measurements:
        return None, []
    rows = benchmarks.rows(measurements)
    profiles = reasons.Profiles(measurements).all()
    growth = benchmarks.growth(measurements)
    path = benchmark_figure.draw(rows, growth, profiles, results / "figures" / FIGURE)
    figure = path.relative_to(results).as_posix() if path else ""
    held = [row for row in rows if row.goal and row.met != "not measured"]
    met = sum(row.met == "yes" for row in held)
    found = Section(
        standing=f"{met} of {text.plural(len(held), 'goal')} met; "
        f"{sum(row.met == 'not measured' for row in rows)} not measured.",
        goals=[_goal(row) for row in held],
        rates=_rates(rows),
        profile=[_profile(one) for one in profiles if set(one.parts) == set(PARTS)],
        density=[f"{one.backend}: {one.sentence}" for one in profiles if one.size == "mixture"],
        gaps=_gaps(rows),
        costs=_costs(measurements),
        notes=_notes(measurements, profiles),
        figure=figure,
    )
    return found, [path] if path else []


def table(rows: Iterable[Row]) -> tuple[list[str], list[list[str]]]:
    """Lay out every row for the terminal.

    Args:
        rows: What was measured, and what was not.

    Returns:
        Headings and lines of cells.
    """
    headings = [
        "What",
        "Size",
        "Replicas",
        "Backend",
        "Threads",
        "Ours",
        "Peer",
        "Ratio",
        "Floor",
        "Goal",
        "Met",
        "Reason",
        "Commit",
    ]
    lines = [
        [
            row.what,
            row.size,
            str(row.replicas or ""),
            row.who,
            row.threads,
            value(row.ours, row.unit),
            f"{row.peer_name} {value(row.peer, row.unit) if row.peer is not None else ''}".strip(),
            ratio(row),
            text.NOTHING if row.share is None else f"{100 * row.share:.0f} %",
            row.goal,
            row.met,
            row.reason,
            row.commit,
        ]
        for row in rows
    ]
    return headings, lines


def recorded(rows: Iterable[Row]) -> list[str]:
    """Say when, from which commit, by whom and on which machine rows were measured; a line for each such run."""
    runs = sorted({(row.date, row.commit, row.who, row.machine) for row in rows if row.ours is not None})
    return [_run(*run) for run in runs]


def _run(date: str, commit: str, who: str, machine: str) -> str:
    return f"Recorded on {date}{f' from commit {commit}' if commit else ''}, {who}, {machine}"


def value(number: float | None, unit: str) -> str:
    """Write a number with its unit; seconds as durations."""
    if number is None:
        return text.NOTHING
    if unit == "s" and number >= 1:
        return text.duration(number)
    return f"{text.number(number) if number < 1000 else f'{number:,.0f}'} {unit}"


def ratio(row: Row) -> str:
    """Write a row's ratio, that to the floor as a share."""
    if row.ratio is None:
        return text.NOTHING
    return f"{100 * row.ratio:.0f} %" if row.peer_name == goals.FLOOR else f"{text.number(row.ratio)} ×"


def _goal(row: Row) -> list[str]:
    peer = f"{row.peer_name}: {value(row.peer, row.unit)}" if row.peer_name else text.NOTHING
    measured = [value(row.ours, row.unit), peer, ratio(row), row.goal, f"{MARKS[row.met]} {row.met}", row.reason]
    what = ", ".join(part for part in (row.what, row.size, f"{row.replicas} replicas" if row.replicas else "") if part)
    return [what, row.who, row.threads or text.NOTHING, *measured]


def _rates(rows: Iterable[Row]) -> list[list[str]]:
    """One line for each training: ours, the peers and the floor side by side."""
    lines: dict[tuple[str, str, int, str, str], dict[str, Row]] = {}
    for row in rows:
        if row.what in (goals.TRAINING, goals.SIDE_BY_SIDE) and row.ours is not None:
            key = (row.size, row.what, row.replicas or 0, row.who, row.machine)
            lines.setdefault(key, {})[row.peer_name] = row
    table = []
    for (size, what, replicas, who, _), peers in sorted(lines.items()):
        one = next(iter(peers.values()))
        others = [f"{peers[name].peer:,.1f}" if _has(peers, name) else text.NOTHING for name in (*_PEERS, goals.FLOOR)]
        share = text.NOTHING if one.share is None else f"{100 * one.share:.0f} %"
        setting = "a block on each core" if what == goals.SIDE_BY_SIDE else "one program"
        table.append([size, setting, str(replicas), one.threads, who, f"{one.ours:,.1f}", *others, share])
    return table


_PEERS = (goals.KERAS, goals.PYTHAE)


def _has(peers: dict[str, Row], name: str) -> bool:
    return name in peers and peers[name].peer is not None


def _profile(one: Profile) -> list[str]:
    kernels = ", ".join(f"`{name}` {100 * share:.0f} %" for name, share in one.top[:5])
    reached = text.NOTHING if one.products is None else f"{100 * one.products:.0f} %"
    shares = [f"{100 * one.share(part):.0f} %".replace("-0 ", "0 ").replace("-", "−") for part in PARTS]
    return [one.size, one.backend, f"{1000 * one.seconds:,.1f} ms", *shares, reached, kernels or text.NOTHING]


def _gaps(rows: Iterable[Row]) -> list[str]:
    """Say what was not measured, backends together."""
    gaps: dict[str, list[str]] = {}
    for row in rows:
        if row.met == "not measured" or (row.ours is None and row.reason):
            against = f" against {row.peer_name}" if row.peer_name else ""
            size = f" at {row.size} size" if row.size else ""
            many = f", {row.replicas} replicas" if row.replicas else ""
            where = " on a GPU" if row.device == goals.GPU else ""
            goal = f" (goal {row.goal})" if row.goal else ""
            gaps.setdefault(f"{row.what}{size}{many}{against}{where}{goal}: {row.reason}", []).append(row.backend)
    return [f"{what}: {text.listing(backends)}." for what, backends in gaps.items()]


def _costs(measurements: Sequence[Measurement]) -> list[list[str]]:
    lines = []
    for one in costs.costs(measurements):
        where = f"{one.machines} × {one.where}" if one.machines > 1 else one.where
        days = f"{one.hours / 24:,.1f} days" if one.hours >= 48 else text.duration(3600 * one.hours)
        lines.append([one.work, where, days, one.source])
    return lines


def _images(measurements: Iterable[Measurement]) -> str:
    """Say how many images an epoch of the benchmarks has."""
    trained = (one.info for one in measurements if one.kind == "training")
    counts = sorted({(str(info["size"]), int(info["images"])) for info in trained if "images" in info})
    said = text.listing(f"{count:,} images ({size})" for size, count in counts)
    return f", from epochs of {said}" if counts else ""


def _notes(measurements: Sequence[Measurement], profiles: Sequence[Profile]) -> list[str]:
    images = " and ".join(f"{count:,} images for {size}" for size, count in floor.IMAGES.items())
    notes = [
        f"**Models an hour** are models trained for {floor.EPOCHS} epochs of {images}, from the time of a step; "
        "the host's random numbers are included, compilation is not. **Side by side**: peers and ceilings were "
        f"measured between our own rounds. Medians throughout{_images(measurements)}."
    ]
    drawn = {size: costs.host_hours(measurements, size) for size in floor.IMAGES}
    if hours := [f"{text.number(taken)} core-hours at {size} size" for size, taken in drawn.items() if taken]:
        notes.append(
            f"For {costs.VAES:,} VAEs the host draws order and noise, the same on every backend, in "
            f"{text.listing(hours)}; a GPU waits for it unless enough cores draw ahead."
        )
    if needed := sorted({f"{100 * one.needed:.0f} % ({one.size})" for one in profiles if one.needed is not None}):
        notes.append(
            "The floor counts 6 FLOP for each parameter and image at the rate of a large sgemm, and "
            f"{floor.ADAM_BYTES} bytes for each parameter and step at copy bandwidth. A step needs only "
            f"{text.listing(needed)} of that FLOP, since it leaves out the gradient with regard to the images: "
            "shares of the floor are that much too kind."
        )
    how = {one.backend: str(one.info["synchronised"]) for one in measurements if one.kind == "training"}
    notes += [f"Every timing waits for the device. {backend}: {said}." for backend, said in sorted(how.items())]
    runs: dict[tuple[str, str, str, str], dict[str, None]] = {}
    for one in measurements:
        what = goals.TOX if one.kind == "tox" else one.kind
        runs.setdefault((one.date, one.commit, one.who, one.machine), {})[what] = None
    notes += [f"{_run(*run)}: {', '.join(sorted(kinds))}." for run, kinds in sorted(runs.items())]
    return notes
