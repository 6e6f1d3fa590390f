"""Figure: a specification curve, the estimates in order above the choices that each of them made."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt

from study.evidence.store import Store
from study.report import specifications, text
from study.report.charts.figure import Figure
from study.report.charts.panel import ACROSS
from study.report.charts.style import FAINT, INK, LABELS, WIDTH, Layers, decimals, inline, lines, looks, specification
from study.report.specifications import AGAINST, AGREES, OPEN, REACHES, SHORT, Curve

KIND = "specifications"
"""Kind of figure; its name goes on with the claim."""
STANDS = (AGREES, AGAINST, OPEN, REACHES, SHORT)
SAYS = {"training": "training {}", "images": "{} the images", "KL weight": "KL weight {}"}
"""Kind of choice → how a level of it is said; others say themselves."""
HEIGHT, STEP = 130, 15
"""Pixels of the estimates, and of a line of choices."""
BESIDE = 48
"""Pixels from the axis of the estimates to its title."""
MANY = 30
"""Specifications above which their dots are small."""
CAPTION = (
    "Each column is one specification: above, the median over its VAEs with its {level} interval, in order, and the "
    "dashed threshold; below, what it chose. A ring marks the claim's own specifications."
)
Row = dict[str, Any]


def figures(store: Store) -> list[Figure]:
    """Draw the recorded curves, one figure a claim; nothing where none was recorded."""
    found = specifications.section(store)
    if found is None:
        return []
    words = store.claims()
    return [
        _figure(claim, (words[claim].statement if claim in words else "") or claim, curves, found.level)
        for claim, curves in found.curves.items()
    ]


def _figure(claim: str, statement: str, curves: Sequence[Curve], level: str) -> Figure:
    stands = {curve.stands(one) for curve in curves for one in curve.specifications}
    scales = looks([one for one in STANDS if one in stands])
    panels = [part for curve in curves for part in (_estimates(curve, scales), _choices(curve, scales))]
    chart = alt.vconcat(*panels).resolve_scale(color="shared", shape="shared")
    said = " ".join(f"{curve.first.about[0].upper()}{curve.first.about[1:]}: {curve.said}" for curve in curves)
    told = " ".join(map(_told, curves))
    alt_text = f"Specification curves. {said} {told}"
    return Figure(
        name=f"{KIND}-{claim}",
        claim=claim,
        title=f"{statement.rstrip('.')}: {specifications.counted(curves)}",
        alt=alt_text,
        caption=CAPTION.format(level=level),
        spec=specification(chart, alt_text),
    )


def _estimates(curve: Curve, scales: tuple[alt.Scale, alt.Scale]) -> Layers:
    """Draw the medians in order, with their intervals and the threshold."""
    low, high = _domain(curve)
    digits = decimals(high - low, HEIGHT)

    def shown(value: float | None) -> float:
        return round(min(max(low if value is None else value, low), high), digits)

    points = [
        {"x": x, "y": shown(one.median), "y1": shown(one.low), "y2": shown(one.high), "own": int(one.own),
         "stands": curve.stands(one), "what": ", ".join(map(_said, one.choices.items()))}
        for x, one in enumerate(curve.specifications, 1)
    ]  # fmt: skip
    axis = alt.Axis(grid=False, tickCount=5, minExtent=LABELS, maxExtent=LABELS, titleX=-BESIDE)
    y: dict[str, Any] = {"title": curve.first.unit, "axis": axis, "scale": alt.Scale(domain=[low, high], nice=False)}
    x, colour = _x(curve), _colour(scales)
    told = [alt.Tooltip("what:N", title="chosen"), alt.Tooltip("y:Q", title="median"), alt.Tooltip("stands:N")]
    data, size = alt.Chart(inline(points)), 18 if len(points) > MANY else 45
    layers = [
        data.mark_rule(strokeWidth=1, strokeOpacity=0.5).encode(x=x, y=alt.Y("y1:Q", **y), y2="y2:Q", color=colour),
        alt.Chart(inline([{"y": curve.first.threshold}]))
        .mark_rule(color=INK, strokeWidth=1.5, strokeDash=[4, 3])
        .encode(y=alt.Y("y:Q", **y)),
        data.transform_filter("datum.own")
        .mark_point(size=3 * size, color=INK, strokeWidth=1)
        .encode(x=x, y=alt.Y("y:Q", **y)),
        data.mark_point(filled=True, size=size, opacity=1).encode(
            x=x, y=alt.Y("y:Q", **y), color=colour, shape=alt.Shape("stands:N", scale=scales[1]), tooltip=told
        ),
    ]
    word = f" ({curve.word})" if curve.word else ""
    about = f"{curve.first.about[0].upper()}{curve.first.about[1:]}{word}"
    title = alt.TitleParams(text=lines(about, ACROSS))
    return alt.layer(*layers).properties(width=WIDTH - LABELS, height=HEIGHT, title=title)


def _choices(curve: Curve, scales: tuple[alt.Scale, alt.Scale]) -> Layers:
    """Draw what each specification chose, a line a level; a choice that none of them made otherwise is left out."""
    levels: dict[str, list[str]] = {}
    for one in curve.specifications:
        for pair in one.choices.items():
            known = levels.setdefault(pair[0], [])
            if _said(pair) not in known:
                known.append(_said(pair))
    own = {_said(pair) for one in curve.specifications if one.own for pair in one.choices.items()}
    varied = {
        choice: sorted(said, key=lambda line: (_number(line), line not in own, line))
        for choice, said in levels.items()
        if len(said) > 1
    }
    # An empty line between two choices; its name is no word, and of each another one.
    order = [line for at, said in enumerate(varied.values()) for line in (*([" " * at] if at else []), *said)]
    marks = [
        {"x": x, "line": _said(pair), "stands": curve.stands(one)}
        for x, one in enumerate(curve.specifications, 1)
        for pair in one.choices.items()
        if pair[0] in varied
    ]
    axis = alt.Axis(
        grid=True, gridColor=FAINT, gridOpacity=0.4, ticks=False, domain=False, labelFontSize=12, labelLimit=LABELS,
        minExtent=LABELS, maxExtent=LABELS, labelOverlap=False,
    )  # fmt: skip
    y = alt.Y("line:N", title=None, sort=None, scale=alt.Scale(domain=order), axis=axis)
    wide = max(2.0, 0.6 * (WIDTH - LABELS) / (len(curve.specifications) + 1))
    drawn = alt.Chart(inline(marks)).mark_point(shape="stroke", angle=90, size=64, strokeWidth=min(wide, 5))
    return alt.layer(drawn.encode(x=_x(curve), y=y, color=_colour(scales))).properties(
        width=WIDTH - LABELS, height=STEP * len(order)
    )


def _x(curve: Curve) -> alt.X:
    domain = [0.3, len(curve.specifications) + 0.7]
    return alt.X("x:Q", axis=None, scale=alt.Scale(domain=domain, nice=False, zero=False))


def _colour(scales: tuple[alt.Scale, alt.Scale]) -> alt.Color:
    return alt.Color("stands:N", scale=scales[0], legend=alt.Legend(columns=2, symbolOpacity=1))


def _said(pair: tuple[str, str]) -> str:
    return SAYS.get(pair[0], "{}").format(pair[1])


def _number(said: str) -> float:
    """Return the number that a level holds, by which levels are sorted; infinite without one."""
    parts = said.replace("½", "0.5").split()
    return next((float(part) for part in parts if part.replace(".", "", 1).isdigit()), math.inf)


def _domain(curve: Curve) -> tuple[float, float]:
    """Return the ends of the axis: medians, threshold, and intervals as far as half of their range beyond."""
    own = [one.median for one in curve.specifications if one.median is not None and math.isfinite(one.median)]
    middle = [*own, curve.first.threshold]
    least, most = min(middle), max(middle)
    beyond = 0.5 * ((most - least) or abs(most) or 1.0)
    ends = [
        end for one in curve.specifications for end in (one.low, one.high) if end is not None and math.isfinite(end)
    ]
    low, high = max(min([*ends, least]), least - beyond), min(max([*ends, most]), most + beyond)
    margin = 0.04 * ((high - low) or 1.0)
    digits = decimals(high - low) + 1
    return round(low - margin, digits), round(high + margin, digits)


def _told(curve: Curve) -> str:
    """Say between which medians the specifications lie, against the threshold."""
    middle = [text.number(curve.specifications[at].median) for at in (0, -1)]
    return f"Medians from {' to '.join(middle)} against a threshold of {text.number(curve.first.threshold)}."
