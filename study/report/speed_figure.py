"""Figure: ratios against the peers, shares of the floor, and how the time of an epoch grows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedFormatter, FixedLocator, LogLocator, PercentFormatter, StrMethodFormatter

from study.report.figures import COLOURS, PRIOR, canvas
from study.report.speed import Row

MARKERS = "os^"
AXES = {
    "replicas": "replicas",
    "width": "width of the hidden layers",
    "latent_dim": "latent dimension D",
    "images": "images in an epoch",
}
"""Axis of growth → label, in the order of the panels."""
PLACES = (-0.22, 0.0, 0.22)
"""Where the backends stand within a line, so that none hides another."""
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200)


def draw(rows: Sequence[Row], growth: Sequence[Row], path: Path) -> Path | None:
    """Draw the figure.

    Args:
        rows: The rows of the table, :func:`study.report.speed.read`.
        growth: The rows of growth, from there too.
        path: The PNG to write.

    Returns:
        The path; None where there is nothing to draw.
    """
    against = _lines((row for row in rows if row.peer_name), peer=True)
    shares = _lines((row for row in rows if row.share is not None), peer=False)
    panels = [0.7 + 0.34 * max(len(against), len(shares)) if against else 0.0, 2.2 if growth else 0.0]
    heights = [height for height in panels if height]
    if not heights:
        return None
    names = sorted({row.who for row in (*rows, *growth) if row.peer_name or row in growth})
    with canvas(path, 0.35 + sum(heights)) as figure:
        parts = list(figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False).ravel())
        if against:
            left, right = parts.pop(0).subplots(1, 2)
            _points(left, against, names, {row: row.ratio or 0.0 for line in against.values() for row in line})
            _points(right, shares, names, {row: row.share or 0.0 for line in shares.values() for row in line})
            left.set_title("Times as fast as the peer")
            left.set_xscale("log")
            left.xaxis.set_major_locator(FixedLocator(TICKS))
            left.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
            left.minorticks_off()
            left.axvline(1, color=PRIOR, lw=0.9)
            right.set_title("Share of the floor")
            # A floor from ceilings that were measured on a busy machine can be passed.
            right.set_xlim(0, 1.03 * max([1.0, *(row.share or 0.0 for line in shares.values() for row in line)]))
            right.xaxis.set_major_formatter(PercentFormatter(1))
        if growth:
            shown = [axis for axis in AXES if any(row.what == axis for row in growth)]
            grid = parts.pop(0).subplots(1, len(shown), sharey=True, squeeze=False).ravel()
            for axes, axis in zip(grid, shown, strict=True):
                _growth(axes, [row for row in growth if row.what == axis], names)
                axes.set_xlabel(AXES[axis])
            grid[0].set_title("Time of an epoch, digits")
            grid[0].set_ylabel("milliseconds")
        handles = [_mark(names, name, [], [], ls="", label=name) for name in names]
        figure.legend(handles=handles, loc="outside upper left", ncols=len(handles))
    return path


def _mark(names: Sequence[str], name: str, x: Sequence[float], y: Sequence[float], ls: str, label: str = "") -> Line2D:
    """Points in a backend's colour and marker: both, for readers who do not tell the colours apart."""
    index = names.index(name)
    colour, marker = COLOURS[index % len(COLOURS)], MARKERS[index % len(MARKERS)]
    return Line2D(x, y, color=colour, marker=marker, markersize=5, lw=1.4, ls=ls, label=label)


def _lines(rows: Iterable[Row], *, peer: bool) -> dict[str, list[Row]]:
    """Rows by the line that they are drawn on; without peers a row stands once, however many it was held against."""
    lines: dict[str, dict[str, Row]] = {}
    for row in rows:
        what = "" if row.what == "training" else row.what.removeprefix("training, ").replace("mixture ", "")
        size = f"{row.size} × {row.replicas}" if row.replicas else row.size
        label = ", ".join(part for part in (size, what) if part) + (f" / {row.peer_name}" if peer else "")
        lines.setdefault(label, {}).setdefault(row.who, row)
    return {label: list(line.values()) for label, line in lines.items()}


def _points(axes: Axes, lines: Mapping[str, Sequence[Row]], names: Sequence[str], at: Mapping[Row, float]) -> None:
    for place, line in enumerate(lines.values()):
        for row in line:
            height = place + PLACES[names.index(row.who) % len(PLACES)]
            axes.add_line(_mark(names, row.who, [at[row]], [height], ls=""))
    axes.autoscale_view()
    axes.set_yticks(range(len(lines)), list(lines))
    axes.set_ylim(len(lines) - 0.5, -0.5)
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)


def _growth(axes: Axes, rows: Sequence[Row], names: Sequence[str]) -> None:
    levels = sorted({int(row.size) for row in rows})
    for name in sorted({row.who for row in rows}):
        line = sorted((int(row.size), 1000 * row.ours) for row in rows if row.who == name)
        axes.add_line(_mark(names, name, [level for level, _ in line], [time for _, time in line], ls="-"))
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.autoscale_view()
    axes.xaxis.set_major_locator(FixedLocator(levels))
    axes.xaxis.set_major_formatter(FixedFormatter([f"{level:,}" for level in levels]))
    axes.tick_params(axis="x", labelsize=8)
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.minorticks_off()
    axes.grid(axis="y")
