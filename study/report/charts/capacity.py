"""Figure: the marginal KL along each axis, its bracket as a band, and the floor where it binds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np

from study.evidence.figure_data import MarginalKL
from study.evidence.store import Store
from study.report import text
from study.report.charts import shown
from study.report.charts.figure import Figure
from study.report.charts.rows import names
from study.report.charts.style import INK, SMALL, WIDTH, Layers, decimals, inline, lines, looks, specification

AXES = {
    "encoder_width": ("A wider encoder", "units of the encoder's hidden layer"),
    "width": ("Wider networks", "units of each hidden layer"),
    "encoder_depth": ("A deeper encoder", "hidden layers of the encoder"),
    "latent_dim": ("More latents", "latents"),
    "kl_weight": ("A larger KL weight", "KL weight"),
}
"""Axis → what grows, and the label, in the order of the panels."""
LEAST = 0.1
"""Share by which the marginal KL must move, from the first to the last level, to be said to."""
SPACE = 44
"""Pixels of an axis and half the space between panels."""


def figures(store: Store) -> list[Figure]:
    """Draw every axis at KL weight 1, one figure a scale and data set."""
    found = []
    for (scale, data), (backend, rows) in shown.by_run(store, MarginalKL).items():
        try:
            found.append(_figure(rows, scale, data, backend))
        except (IndexError, ValueError, TypeError) as error:
            raise shown.damaged(MarginalKL.name, (scale, data), error) from error
    return found


def moved(rows: Sequence[MarginalKL]) -> int:
    """Say where the marginal KL goes along an axis: −1 closer, in every context and by a tenth; 1 farther; else 0.

    Unfavourable ends count: it falls where the upper end at the last level is below the lower one at the first.
    """
    signs = set()
    for row in rows:
        first, last = ((_mean(row.low)[at], _mean(row.high)[at]) for at in (0, -1))
        closer, farther = last[1] <= (1 - LEAST) * first[0], last[0] >= (1 + LEAST) * first[1]
        signs.add(-1 if closer else 1 if farther else 0)
    return signs.pop() if len(signs) == 1 else 0


def says(axis: str, moving: int) -> str:
    """Say what an axis does to q(z), e.g. ``A wider encoder does not bring q(z) closer``."""
    what = AXES.get(axis, (f"More {axis.replace('_', ' ')}", ""))[0]
    plural = what in ("More latents", "Wider networks")
    does = {-1: "bring{} q(z) closer", 0: "do{} not bring q(z) closer", 1: "take{} q(z) farther"}[moving]
    return f"{what} {does.format('' if plural else 'es' if moving == 0 else 's')}"


def _figure(rows: Sequence[MarginalKL], scale: str, data: str, backend: str) -> Figure:
    called = names(row.context for row in rows)
    scales = looks(list(dict.fromkeys(called.values())))
    axes = sorted({row.axis for row in rows}, key=lambda axis: (list(AXES).index(axis) if axis in AXES else 9, axis))
    along = {axis: [row for row in rows if row.axis == axis] for axis in axes}
    said = {axis: says(axis, moved(members)) for axis, members in along.items()}
    top = max(float(np.nanmax(_mean(row.high))) for row in rows)
    panels = [
        _panel(members, said[axis], called, scales, top, left=number % 2 == 0)
        for number, (axis, members) in enumerate(along.items())
    ]
    pairs = [alt.hconcat(*panels[i : i + 2], spacing=14) for i in range(0, len(panels), 2)]
    told = [f"{said[axis]}: {_told(members)}." for axis, members in along.items()]
    alt_text = f"Marginal KL of q(z), nats. {' '.join(told)}"
    floor = any(bound for row in rows for bound in _binding(row))
    caption = (
        f"KL(q(z) ‖ N(0, I)) at KL weight 1 ({shown.where(backend, scale, data)}), mean over replicas: the "
        "population's lies inside the band between its two bounds, the mark midway."
        + (" Dotted: the floor, rate − ln n, where the marginal KL of q_n touches it." if floor else "")
    )
    moving = {axis: moved(members) for axis, members in along.items()}
    strongest = max(moving, key=lambda axis: (moving[axis] > 0, moving[axis] < 0))
    others = [axis for axis in axes if axis != strongest]
    still = others and all(moving[axis] == 0 for axis in others) and moving[strongest] != 0
    title = said[strongest] + ("; width and depth bring it no closer" if still else "")
    return Figure(
        name=shown.stem(MarginalKL.name, scale, data),
        claim="",
        title=title,
        alt=alt_text,
        caption=caption,
        spec=specification(alt.vconcat(*pairs), alt_text),
    )


def _panel(
    rows: Sequence[MarginalKL],
    title: str,
    called: dict[str, str],
    scales: tuple[alt.Scale, alt.Scale],
    top: float,
    *,
    left: bool,
) -> Layers:
    digits = decimals(top, 170)
    points: list[dict[str, Any]] = []
    floors: list[dict[str, Any]] = []
    for row in rows:
        low, high, floor = (_mean(ends) for ends in (row.low, row.high, row.floor))
        for at, level in enumerate(row.levels):
            if math.isfinite(low[at]):
                middle = (low[at] + high[at]) / 2
                ends = {"low": low[at], "y": middle, "high": high[at]}
                point = {"x": level, **{name: round(float(end), digits) for name, end in ends.items()}}
                points.append({**point, "context": called[row.context]})
        binding = _binding(row)
        floors += [
            {"x": level, "y": round(float(floor[at]), digits), "context": called[row.context]}
            for at, level in enumerate(row.levels)
            if binding[at]
        ]
    axis = rows[0].axis
    levels = sorted({level for row in rows for level in row.levels})
    doubling = axis != "encoder_depth" and min(levels) > 0
    x = alt.X(
        "x:Q",
        title=AXES.get(axis, ("", axis.replace("_", " ")))[1],
        scale=alt.Scale(type="log", base=2, nice=False, padding=10) if doubling else alt.Scale(zero=False, padding=10),
        axis=alt.Axis(values=levels, grid=False, format="~g"),
    )
    label = "marginal KL (nats)" if left else None
    y = alt.Y("y:Q", title=label, scale=alt.Scale(domain=[0, round(1.05 * top, digits)], nice=False))
    colour = alt.Color("context:N", scale=scales[0], legend=alt.Legend(columns=2, symbolOpacity=1))
    chart = alt.Chart(inline(points))
    told = [alt.Tooltip("context:N"), *(alt.Tooltip(f"{end}:Q", title=f"{end}er end") for end in ("low", "high"))]
    told[2]["title"] = "upper end"
    layers = [
        chart.mark_area(opacity=0.18).encode(x=x, y=alt.Y("low:Q", title=label), y2="high:Q", color=colour),
        chart.mark_line(strokeWidth=1.6).encode(x=x, y=y, color=colour),
        chart.mark_point(filled=True, size=50, opacity=1).encode(
            x=x, y=y, color=colour, shape=alt.Shape("context:N", scale=scales[1]), tooltip=told
        ),
    ]
    if floors:
        layers.append(
            alt.Chart(inline(floors))
            .mark_line(strokeDash=[2, 3], strokeWidth=2, color=INK)
            .encode(x=x, y=y, detail="context:N")
        )
    return alt.layer(*layers).properties(
        width=WIDTH / 2 - SPACE, height=170, title=alt.TitleParams(lines(title, 29), fontSize=SMALL)
    )


def _mean(values: Sequence[Sequence[float | None]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Average each level over the replicas that have a value; NaN where none has."""
    levels = [[value for value in level if value is not None] for level in values]
    return np.array([np.mean(level) if level else np.nan for level in levels])


def _binding(row: MarginalKL) -> list[bool]:
    """Say at which levels the floor binds: it is above zero, and the marginal KL of q_n within a tenth of it."""
    floor, empirical = _mean(row.floor), _mean(row.empirical)
    return [bool(f > 0.01 and e <= 1.1 * f) for f, e in zip(floor, empirical, strict=True)]


def _told(rows: Sequence[MarginalKL]) -> str:
    """Say between which values the marginal KL lies at the first and the last level, over contexts."""
    levels = rows[0].levels
    ends = []
    for at in (0, -1):
        low = min(float(_mean(row.low)[at]) for row in rows)
        high = max(float(_mean(row.high)[at]) for row in rows)
        ends.append(f"{text.number(low)} to {text.number(high)} at {levels[at]:g}")
    return ", ".join(ends)
