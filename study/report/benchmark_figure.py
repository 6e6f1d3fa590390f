"""Figure: ratios against the peers and the floor, where an epoch's time goes, and how it grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, PercentFormatter, StrMethodFormatter

from study.report import goals
from study.report.benchmarks import Growth, Row
from study.report.figures import COLOURS, INK, PRIOR, canvas
from study.report.reasons import PARTS, Profile

MARKERS = "os^"
AXES = {
    "replicas": "replicas",
    "width": "width of the hidden layers",
    "latent_dim": "latent dimension D",
    "images": "images in an epoch",
}
"""Axis of growth → label, in the order of the panels."""
PLACES = (-0.22, 0.0, 0.22)
"""Where the backends stand within a line of the ratios, so that none hides another."""
HATCHES = ("", "//", "", "..", "xx")
"""Of the parts of an epoch: they are not told apart by colour alone."""


SHORT = {goals.CLUSTER: "Dask, two workers", goals.MIXTURE: "density"}
"""Names that are too long for the figure."""


def draw(rows: Sequence[Row], growth: Growth, profiles: Sequence[Profile], path: Path) -> Path | None:
    """Draw the figure.

    Args:
        rows: What was measured, :func:`study.report.benchmarks.rows`.
        growth: Axis → backend → level → seconds an epoch.
        profiles: Where the time of an epoch goes.
        path: The PNG to write.

    Returns:
        The path; None where there is nothing to draw.
    """
    compared = [row for row in rows if row.ratio is not None]
    trained = [one for one in profiles if set(one.parts) == set(PARTS)]
    against = _lines(row for row in compared if row.peer_name != goals.FLOOR)
    shares = _lines(row for row in compared if row.peer_name == goals.FLOOR)
    heights = [
        0.7 + 0.34 * max(len(against), len(shares)) if compared else 0.0,
        0.8 + 0.26 * len(trained) if trained else 0.0,
        2.2 if growth else 0.0,
    ]
    shown = [height for height in heights if height]
    if not shown:
        return None
    backends = {row.who for row in compared} | {one.backend for one in trained}
    names = sorted(backends | {backend for lines in growth.values() for backend in lines})
    with canvas(path, 0.35 + sum(shown)) as figure:
        parts = list(figure.subfigures(len(shown), 1, height_ratios=shown, squeeze=False).ravel())
        if compared:
            left, right = _pair(parts.pop(0))
            _ratios(left, against, names, "Times as fast as the peer")
            left.set_xscale("log")
            ratios = [row.ratio or 1.0 for members in against.values() for row in members] or [1.0]
            least, most = min(ratios), max(ratios)
            left.set_xlim(0.8 * min(1.0, least), 1.4 * max(50.0, most))
            ticks = [tick for tick in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200) if left.get_xlim()[0] <= tick]
            left.set_xticks([tick for tick in ticks if tick <= left.get_xlim()[1]])
            left.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
            left.minorticks_off()
            left.axvline(1, color=PRIOR, lw=0.9)
            _ratios(right, shares, names, "Share of the floor")
            # A floor from ceilings that were measured on a busy machine can be passed.
            right.set_xlim(0, 1.03 * max([1.0, *(row.share or 0.0 for members in shares.values() for row in members)]))
            right.xaxis.set_major_formatter(PercentFormatter(1))
        if trained:
            _parts(parts.pop(0).subplots(), trained)
        if growth:
            _growth(parts.pop(0), growth, names)
        handles = [Line2D([], [], linestyle="", **_look(names, name), label=name) for name in names]
        handles.append(Line2D([], [], color=INK, marker="|", markersize=9, markeredgewidth=2, ls="", label="goal"))
        figure.legend(handles=handles, loc="outside upper left", ncols=len(handles))
    return path


def _look(names: Sequence[str], backend: str) -> dict[str, Any]:
    """Colour and marker of a backend: both, for readers who do not tell the colours apart."""
    index = names.index(backend)
    return {"color": COLOURS[index % len(COLOURS)], "marker": MARKERS[index % len(MARKERS)], "markersize": 5}


def _lines(rows: Any) -> dict[str, list[Row]]:
    """Rows by the line that they are drawn on."""
    lines: dict[str, list[Row]] = {}
    for row in rows:
        size = f"{row.size} × {row.replicas}" if row.replicas else SHORT.get(row.what, row.what)
        size += f", {row.size.split(' × ')[1]} points" if row.what == goals.MIXTURE else ""
        where = ", a core each" if row.what == goals.SIDE_BY_SIDE else ""
        peer = "" if row.peer_name == goals.FLOOR else f" / {row.peer_name}"
        lines.setdefault(f"{size}{where}{peer}", []).append(row)
    return lines


def _pair(figure: SubFigure) -> tuple[Axes, Axes]:
    left, right = figure.subplots(1, 2)
    return left, right


def _ratios(axes: Axes, lines: Mapping[str, Sequence[Row]], names: Sequence[str], title: str) -> None:
    for place, members in enumerate(lines.values()):
        for row in members:
            height = place + PLACES[names.index(row.who) % len(PLACES)]
            axes.plot([row.ratio or 0.0], [height], ls="", **_look(names, row.who))
            limit = next((goal.limit for goal in goals.GOALS if row.goal and goal.is_for(row)), None)
            if limit is not None:
                axes.plot([limit], [height], ls="", marker="|", markersize=9, markeredgewidth=2, color=INK)
    axes.set_yticks(range(len(lines)), list(lines))
    axes.set_ylim(len(lines) - 0.5, -0.5)
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    axes.set_title(title)


def _parts(axes: Axes, profiles: Sequence[Profile]) -> None:
    labels = [f"{one.size}, {one.backend}" for one in profiles]
    start = [0.0] * len(profiles)
    for index, part in enumerate(PARTS):
        # What is measured alone may add up to a little more than the whole: the rest is then nothing.
        shares = [max(0.0, one.share(part)) for one in profiles]
        colour = (*COLOURS[:4], PRIOR)[index]
        bars = axes.barh(labels, shares, left=start, color=colour, label=part, height=0.7)
        for bar in bars:
            bar.set(hatch=HATCHES[index], edgecolor="white", linewidth=0)
        start = [a + b for a, b in zip(start, shares, strict=True)]
    axes.invert_yaxis()
    axes.set_xlim(0, max(1.0, *start))
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.tick_params(axis="y", length=0)
    axes.set_title("Where the time of an epoch goes: eight replicas, one program")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.2)


def _growth(figure: SubFigure, growth: Growth, names: Sequence[str]) -> None:
    shown = [axis for axis in AXES if axis in growth]
    grid = figure.subplots(1, len(shown), sharey=True, squeeze=False).ravel()
    for axes, axis in zip(grid, shown, strict=True):
        levels = sorted({level for line in growth[axis].values() for level in line})
        for backend, line in growth[axis].items():
            at = sorted(line)
            axes.plot(at, [1000 * line[level] for level in at], lw=1.4, **_look(names, backend))
        axes.set_xscale("log", base=2)
        axes.set_yscale("log")
        axes.set_xticks(levels, [f"{level:,}" for level in levels], fontsize=8)
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.minorticks_off()
        axes.grid(axis="y")
        axes.set_xlabel(AXES[axis])
    grid[0].set_title("Time of an epoch, digits")
    grid[0].set_ylabel("milliseconds")
