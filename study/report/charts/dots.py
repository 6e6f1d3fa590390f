"""Figures of dots, one a VAE: with the interval of their median, and the threshold."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

import altair as alt
import numpy as np

from study.evidence.records import Evidence, VerdictRow
from study.evidence.store import Store
from study.report import summary, text
from study.report.charts import rows as rows_of
from study.report.charts.figure import Figure
from study.report.charts.rows import Line, Panel
from study.report.charts.style import (
    FAINT, INK, QUIET, SIZE, SMALL, WIDTH, decimals, inline, lines, looks, specification,
)  # fmt: skip
from study.report.words import VERDICTS

LABELS = 178
"""Pixels left of the axis, for what a line is about."""
LETTERS = 27
"""Characters in a line of a label."""
LANE, BAR, GAP = 7.0, 10.0, 5.0
"""Pixels of a context's dots, of an interval, and around a line."""
GOLDEN = 0.618034
CAPTION = (
    "Each dot is one VAE; shape and colour tell architectures apart. The bar is the exact interval of the median, which "
    "the white stroke marks; the dashed line is the threshold{zero}."
)


def summaries(store: Store) -> list[Figure]:
    """Draw the headline rows of every claim, one figure a scale and data set."""
    found = []
    for (scale, data), evidence in _by_run(store).items():
        shown = [panel for claim in _by_claim(evidence) for panel in rows_of.panels(claim, data, headlines=True)]
        if shown:
            rows = _rows(shown)
            title = f"KL weight 1 on {data}: {_counted(rows)}"
            alt_text = f"Dots of {text.plural(_vaes(shown), 'VAE')} in {text.plural(len(rows), 'row')}. {_told(shown)}"
            found.append(_figure(f"verdicts-{scale}-{_stem(data)}", "", title, alt_text, shown, questions=True))
    return found


def claims(store: Store) -> list[Figure]:
    """Draw all rows of each claim, one figure a scale and data set."""
    found = []
    for (scale, data), evidence in _by_run(store).items():
        for claim in _by_claim(evidence):
            if shown := rows_of.panels(claim, data):
                rows = _rows(shown)
                title = f"{(claim[0].statement or claim[0].claim).rstrip('.')}: {_counted(rows)}"
                name = f"{claim[0].claim}-{scale}-{_stem(data)}"
                found.append(_figure(name, claim[0].claim, title, _told(shown), shown, questions=False))
    return sorted(found, key=lambda figure: figure.claim)


def _figure(name: str, claim: str, title: str, alt_text: str, shown: Sequence[Panel], *, questions: bool) -> Figure:
    contexts = {dot.context for panel in shown for line in panel.lines for dot in line.dots}
    called = rows_of.names(sorted(contexts, key=rows_of.rank))
    scales = looks(list(dict.fromkeys(called.values())))
    drawn, last = [], ""
    for panel in shown:
        heading = (panel.claim.question or panel.claim.statement) if questions and panel.claim.claim != last else ""
        drawn.append(_panel(panel, heading, called, scales))
        last = panel.claim.claim
    chart = alt.vconcat(*drawn).resolve_scale(color="shared", shape="shared")
    zero = any(line.row.zero is not None for panel in shown for line in panel.lines)
    caption = CAPTION.format(zero=", the thin line no effect" if zero else "")
    return Figure(
        name=name, claim=claim, title=title, alt=alt_text, caption=caption, spec=specification(chart, alt_text)
    )


def _panel(panel: Panel, heading: str, called: dict[str, str], scales: tuple[alt.Scale, alt.Scale]) -> alt.LayerChart:
    """Draw one panel: vertical places are pixels, so that lines of any height share it."""
    places = list(scales[0]["domain"])
    low, high = _domain(panel.lines)
    digits = decimals(high - low)
    dots: list[dict[str, Any]] = []
    bars: list[dict[str, Any]] = []
    marks: list[dict[str, Any]] = []
    names: dict[float, list[str]] = {}
    top = 0.0
    for line in panel.lines:
        used = sorted({places.index(called[dot.context]) for dot in line.dots})
        label = [*lines(line.label, LETTERS), *([line.verdict] if line.verdict else [])]
        content = LANE * len(used) + BAR * len(line.rows)
        height = max(content, (SMALL + 3) * len(label)) + 2 * GAP
        begin = top + (height - content) / 2
        for dot in line.dots:
            lane = used.index(places.index(called[dot.context]))
            y = begin + LANE * (lane + 0.5 + 0.6 * (dot.replica * GOLDEN % 1 - 0.5))
            dots.append(_dot(dot, places.index(called[dot.context]), y, (low, high), digits))
        for number, row in enumerate(line.rows):
            bars.append(_bar(row, begin + LANE * len(used) + BAR * (number + 0.5), (low, high), digits))
        rule = {"y": round(top, 1), "y2": round(top + height, 1)}
        marks.append({**rule, "x": line.row.threshold, "is": "threshold"})
        if line.row.zero is not None and line.row.zero != line.row.threshold:
            marks.append({**rule, "x": line.row.zero, "is": "no effect"})
        names[round(top + (height - (SMALL + 3) * len(label)) / 2, 1)] = label
        top += height
    x = alt.X(
        "x:Q", title=panel.unit, scale=alt.Scale(domain=[low, high], nice=False, zero=False),
        axis=alt.Axis(grid=False, tickCount=6),
    )  # fmt: skip
    y = alt.Y(
        "y:Q",
        title=None,
        scale=alt.Scale(domain=[round(top, 1), 0], nice=False, zero=False),
        axis=alt.Axis(
            values=list(names),
            labelExpr=f"({json.dumps({f'{at:g}': name for at, name in names.items()})})[datum.value]",
            labelLimit=LABELS, grid=False, ticks=False, domain=False, labelPadding=8, minExtent=LABELS,
            maxExtent=LABELS, labelLineHeight=SMALL + 3, labelBaseline="top",
        ),
    )  # fmt: skip
    several = len({row.backend for line in panel.lines for row in line.rows}) > 1
    layers = [
        alt.Chart(inline({"y": at} for at in _borders(panel, marks))).mark_rule(color=FAINT, strokeWidth=0.7)
        .encode(y=y, x=alt.value(-LABELS), x2=alt.value(WIDTH - LABELS)),
        alt.Chart(inline(m for m in marks if m["is"] == "no effect")).mark_rule(color=QUIET, strokeWidth=1)
        .encode(x=x, y=y, y2="y2:Q"),
        alt.Chart(inline(m for m in marks if m["is"] == "threshold"))
        .mark_rule(color=INK, strokeWidth=1.5, strokeDash=[4, 3]).encode(x=x, y=y, y2="y2:Q"),
        *_dots(dots, x, y, scales),
        *_bars(bars, x, y, several=several),
    ]  # fmt: skip
    titled: dict[str, Any] = {}
    if heading or panel.title:
        head, *rest = [part for part in (heading, panel.title) if part]
        below = {"subtitle": [part for one in rest for part in lines(one, 74)]} if rest else {}
        titled["title"] = alt.TitleParams(text=lines(head, 74), fontWeight=600 if heading else 400, **below)
    return alt.layer(*layers).properties(width=WIDTH - LABELS, height=round(top), **titled)


def _dots(dots: list[dict[str, Any]], x: alt.X, y: alt.Y, scales: tuple[alt.Scale, alt.Scale]) -> Iterator[alt.Chart]:
    colour = alt.Color("context:N", scale=scales[0], legend=alt.Legend(columns=2))
    told = [alt.Tooltip("context:N"), alt.Tooltip("replica:Q"), alt.Tooltip("backend:N")]
    data = alt.Chart(inline(dots)).transform_calculate(context=f"{json.dumps(scales[0]['domain'])}[datum.c]")
    if any("x1" in dot for dot in dots):
        told += [
            alt.Tooltip("x1:Q", title="lower end", format=".3g"),
            alt.Tooltip("x2:Q", title="upper end", format=".3g"),
        ]
        yield data.mark_rule(opacity=0.45, strokeWidth=1.5).encode(
            x=alt.X("x1:Q", scale=x["scale"]), x2="x2:Q", y=y, color=colour
        )
    else:
        told.append(alt.Tooltip("x:Q", title="value", format=".3g"))
    yield data.mark_point(filled=True, size=26, opacity=0.75).encode(
        x=x, y=y, color=colour, shape=alt.Shape("context:N", scale=scales[1]), tooltip=told
    )


def _bars(bars: list[dict[str, Any]], x: alt.X, y: alt.Y, *, several: bool) -> Iterator[alt.Chart]:
    told = [alt.Tooltip("backend:N"), alt.Tooltip("verdict:N"), alt.Tooltip("median:N", title="median [interval]")]
    data = inline(bars)
    yield (
        alt.Chart(data)
        .mark_rule(color=INK, strokeWidth=5)
        .encode(x=alt.X("x1:Q", scale=x["scale"]), x2="x2:Q", y=y, tooltip=told)
    )
    yield alt.Chart(data).mark_tick(color="white", thickness=1.5, size=5, orient="vertical").encode(x=x, y=y)
    if several:
        yield (
            alt.Chart(data)
            .mark_text(align="left", dx=5, fontSize=10, color=QUIET)
            .encode(x=alt.X("x2:Q", scale=x["scale"]), y=y, text="backend:N")
        )


def _dot(dot: rows_of.Dot, context: int, y: float, domain: tuple[float, float], digits: int) -> dict[str, Any]:
    low, high = (min(max(end, domain[0]), domain[1]) for end in (dot.low, dot.high))
    found = {
        **{"x": round((low + high) / 2, digits), "y": round(y, 1), "c": context},
        **{"replica": dot.replica, "backend": dot.backend},
    }
    return found | ({"x1": round(low, digits), "x2": round(high, digits)} if low != high else {})


def _bar(row: VerdictRow, y: float, domain: tuple[float, float], digits: int) -> dict[str, Any]:
    low, middle, high = (
        round(min(max(end if end is not None else math.nan, domain[0]), domain[1]), digits)
        for end in (row.low, row.median, row.high)
    )
    verdict = f"{row.verdict}: {row.reason}" if row.reason else row.verdict
    told = text.interval(row.median, row.low, row.high)
    return {
        "x1": low,
        "x": middle,
        "x2": high,
        "y": round(y, 1),
        "backend": row.backend,
        "verdict": verdict,
        "median": told,
    }


def _domain(shown: Iterable[Line]) -> tuple[float, float]:
    """Return the ends of an axis: all finite values, the threshold and no effect, and a little beyond."""
    values = [end for line in shown for dot in line.dots for end in (dot.low, dot.high)]
    values += [end for line in shown for row in line.rows for end in (row.low, row.high, row.median) if end is not None]
    finite = [value for value in values if math.isfinite(value)]
    fixed = [end for line in shown for end in (line.row.threshold, line.row.zero) if end is not None]
    low, high = min([*finite, *fixed]), max([*finite, *fixed])
    margin = 0.03 * ((high - low) or abs(high) or 1.0)
    return low - margin, high + margin


def _borders(panel: Panel, marks: Sequence[dict[str, Any]]) -> list[float]:
    """Return where lines of a panel meet."""
    del panel
    return sorted({mark["y"] for mark in marks} - {0.0})


def _rows(shown: Iterable[Panel]) -> list[list[VerdictRow]]:
    """Return the rows shown, each on every backend."""
    found: dict[object, dict[str, VerdictRow]] = {}
    for panel in shown:
        for line in panel.lines:
            for row in line.rows:
                found.setdefault(row.identity, {})[row.backend] = row
    return [list(group.values()) for group in found.values()]


def _counted(rows: Sequence[Sequence[VerdictRow]]) -> str:
    """Say how many rows came to which word, e.g. ``3 of 9 rows supported, 6 refuted``."""
    counts = summary.count(summary.consensus(row) for row in rows)
    said = [f"{number} {verdict.lower()}" for verdict, number in counts.items()]
    if len(rows) == 1:
        return next(iter(counts)).lower()
    return f"of {len(rows)} rows {', '.join(said)}"


def _told(shown: Iterable[Panel]) -> str:
    """Say what each line shows, in a sentence."""
    told = []
    for panel in shown:
        for line in panel.lines:
            label = f"{panel.title}: {line.label}" if panel.title else line.label
            for row in line.rows:
                at = f" ({row.backend})" if len(line.rows) > 1 else ""
                middle = text.interval(row.median, row.low, row.high)
                told.append(f"{label}{at}: {row.verdict}, median {middle} against {text.threshold(row)}.")
    return " ".join(told)


def _vaes(shown: Iterable[Panel]) -> int:
    return sum(len(line.dots) for panel in shown for line in panel.lines)


def _by_run(store: Store) -> dict[tuple[str, str], list[Evidence]]:
    """Gather evidence by scale and data set, scales from small to large."""
    found: dict[tuple[str, str], list[Evidence]] = {}
    for evidence in store.evidence():
        for data in dict.fromkeys(row.data for row in evidence.rows):
            found.setdefault((evidence.scale, data), []).append(evidence)
    order = [*summary.SCALES]
    return dict(
        sorted(found.items(), key=lambda item: (order.index(item[0][0]) if item[0][0] in order else 9, item[0]))
    )


def _by_claim(evidence: Sequence[Evidence]) -> list[list[Evidence]]:
    ordered = sorted(evidence, key=lambda one: (one.chapter, one.claim, one.backend))
    return [list(group) for _, group in groupby(ordered, key=lambda one: one.claim)]


def _stem(data: str) -> str:
    """Return a data set's name as part of a file's."""
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in data.lower())
