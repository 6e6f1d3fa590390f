"""Figure of the benchmarks: ratios against the peers, shares of the floor, and how the time of an epoch grows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import altair as alt

from study.report import speed, text
from study.report.charts.figure import Figure
from study.report.charts.style import LABELS, QUIET, WIDTH, Layers, inline, looks, specification
from study.report.speed import Row

AXES = {
    "replicas": "replicas",
    "width": "width of the hidden layers",
    "latent_dim": "latents",
    "images": "images in an epoch",
}
"""Axis of growth → label, in the order of the panels."""
SHORT = "datum.value < 1000 ? format(datum.value, 'd') : format(datum.value, '.2~s')"
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Ratios that a logarithmic axis names."""
LETTERS = 23
"""Characters in a line of a label."""


def figures(results: Path) -> list[Figure]:
    """Draw the benchmarks beside the evidence; nothing where none was recorded."""
    table, growth = speed.read(results)
    against = [row for row in table if row.ratio is not None and row.peer_name]
    shares = list({(_label(row), row.who): row for row in table if row.share is not None}.values())
    names = sorted({row.who for row in (*against, *shares, *growth)})
    panels: list[Layers | alt.VConcatChart] = []
    if against:
        points: list[dict[str, object]] = [
            {"x": row.ratio, "line": f"{_label(row)} / {row.peer_name}", "who": row.who} for row in against
        ]
        scale = alt.Scale(type="log", nice=False, padding=8)
        panels.append(_lines(points, names, "times as fast as the peer", scale, "~g", 1))
    if shares:
        points = [{"x": row.share, "line": _label(row), "who": row.who} for row in shares]
        scale = alt.Scale(domain=[0, max(1.0, *(row.share or 0.0 for row in shares)) * 1.03], nice=False)
        panels.append(_lines(points, names, "share of the floor", scale, ".0%", None))
    if growth:
        axes = [axis for axis in AXES if any(row.what == axis for row in growth)]
        grown = [
            _growth([row for row in growth if row.what == axis], names, AXES[axis], left=number % 2 == 0)
            for number, axis in enumerate(axes)
        ]
        pairs = [alt.hconcat(*grown[i : i + 2], spacing=14) for i in range(0, len(grown), 2)]
        panels.append(alt.vconcat(*pairs, title="Time of an epoch, digits"))
    if not panels:
        return []
    told = [f"{_label(row)}, {row.who}: {text.number(row.ratio)} times as fast as {row.peer_name}." for row in against]
    alt_text = " ".join(["Benchmarks.", *told])
    return [
        Figure(
            name="speed",
            claim="",
            title=_title(against),
            alt=alt_text,
            caption="The floor is the least time that the machine needs for its products and its memory traffic; both "
            "were measured in turn with the training.",
            spec=specification(alt.vconcat(*panels), alt_text),
        )
    ]


def _title(against: Sequence[Row]) -> str:
    """Say in how many comparisons we are the faster."""
    if not against:
        return "How the time of an epoch grows"
    others = [row for row in against if row.what != speed.WORKERS]
    faster = sum((row.ratio or 0.0) >= 1 for row in others)
    return f"Faster than other libraries in {faster} of {text.plural(len(others), 'comparison')}"


def _label(row: Row) -> str:
    """Name what was timed, without whom it was held against."""
    what = "" if row.what == "training" else row.what.removeprefix("training, ").replace("mixture ", "")
    size = f"{row.size} × {row.replicas}" if row.replicas else row.size
    return ", ".join(part for part in (size, what) if part)


def _looks(names: Sequence[str]) -> tuple[alt.Color, alt.Shape]:
    colours, shapes = looks(names)
    return (
        alt.Color("who:N", scale=colours, legend=alt.Legend(columns=3)),
        alt.Shape("who:N", scale=shapes),
    )


def _lines(
    points: Sequence[dict[str, object]], names: Sequence[str], title: str, scale: alt.Scale, shown: str, one: int | None
) -> Layers:
    """Draw one line a comparison, a mark a backend."""
    colour, shape = _looks(names)
    ratios = [float(str(point["x"])) for point in points]
    ticks = [tick for tick in TICKS if min(ratios) <= tick <= max(ratios)]
    placed: dict[str, Any] = {"tickCount": 5} if one is None else {"values": ticks}
    x = alt.X("x:Q", title=title, scale=scale, axis=alt.Axis(format=shown, labelOverlap=False, **placed))
    whole = f"length(datum.label) > {LETTERS} ? split(datum.label, ', ') : datum.label"
    axis = alt.Axis(
        labelExpr=whole,
        # A label of two lines stands around its place, as one of one line does.
        labelOffset={"condition": {"test": f"length(datum.label) > {LETTERS}", "value": -7}, "value": 0},
        labelFontSize=12,
        labelLimit=LABELS,
        minExtent=LABELS,
        maxExtent=LABELS,
        ticks=False,
        domain=False,
    )
    y = alt.Y("line:N", title=None, sort=None, axis=axis)
    told = [
        alt.Tooltip("line:N", title=" "),
        alt.Tooltip("who:N", title="backend"),
        alt.Tooltip("x:Q", title=title, format=".3g"),
    ]
    layers = [
        alt.Chart(inline(_rounded(points)))
        .mark_point(filled=True, size=45, opacity=0.9)
        .encode(
            x=x,
            y=y,
            yOffset=alt.YOffset("who:N", scale=alt.Scale(paddingOuter=0.6)),
            color=colour,
            shape=shape,
            tooltip=told,
        )
    ]
    if one is not None:
        layers.insert(0, alt.Chart(inline([{"x": one}])).mark_rule(color=QUIET).encode(x=x))
    return alt.layer(*layers).properties(width=WIDTH - LABELS, height=alt.Step(34, **{"for": "position"}))


def _growth(rows: Sequence[Row], names: Sequence[str], label: str, *, left: bool) -> Layers:
    colour, shape = _looks(names)
    points = _rounded({"x": int(row.size), "y": 1000 * row.ours, "who": row.who} for row in rows)
    levels = sorted({int(row.size) for row in rows})
    x = alt.X(
        "x:Q",
        title=label,
        scale=alt.Scale(type="log", base=2, nice=False, padding=8),
        axis=alt.Axis(values=levels, labelExpr=SHORT, grid=False, labelOverlap=True),
    )
    y = alt.Y(
        "y:Q",
        title="milliseconds" if left else None,
        scale=alt.Scale(type="log"),
        axis=alt.Axis(format="~g", tickCount=4),
    )
    chart = alt.Chart(inline(points))
    return alt.layer(
        chart.mark_line(strokeWidth=1.5).encode(x=x, y=y, color=colour),
        chart.mark_point(filled=True, size=40, opacity=0.9).encode(x=x, y=y, color=colour, shape=shape),
    ).properties(width=(WIDTH - LABELS - 60) / 2, height=110)


def _rounded(points: Iterable[dict[str, object]]) -> list[dict[str, object]]:
    """Round numbers to three digits, as many as can be seen on a logarithmic axis."""
    return [{key: float(f"{v:.3g}") if isinstance(v, float) else v for key, v in point.items()} for point in points]
