"""One panel of dots: lines of one unit, each with its VAEs, the interval of their median, and the threshold."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import altair as alt

from study.evidence.records import VerdictRow
from study.report import text
from study.report.charts.rows import Dot, Line, Panel
from study.report.charts.style import FAINT, INK, LABELS, QUIET, SMALL, WIDTH, Layers, decimals, inline, lines

LETTERS, ACROSS = 25, 58
"""Characters in a line of a label, and of a title: they fit in the widest of usual fonts, too."""
TEXT = SMALL + 3
"""Pixels of a line of text."""
GOLDEN = 0.618034
ROOM = 0.2
"""Share of the axis that a backend's name takes: where there is less right of its interval it stands left of it."""
WITHIN = "within"
SIDES: dict[str, tuple[str, dict[str, Any]]] = {
    "right": ("x2", {"align": "left", "dx": 4}),
    "left": ("x1", {"align": "right", "dx": -4}),
    WITHIN: ("x1", {"align": "left", "dx": 4}),
}
"""Where a backend's name stands, by preference → the end of its interval there, and how it is set."""
Row = dict[str, Any]


class Sizes(NamedTuple):
    """Pixels of a context's dots, of an interval, and around a line; and area of a dot."""

    lane: float
    bar: float
    gap: float
    dot: int


ROOMY, DENSE = Sizes(7, 10, 5, 26), Sizes(5, 8, 3, 20)


class Marks(NamedTuple):
    """What a panel draws; vertical places are pixels, so that lines of any height share it."""

    dots: list[Row]
    bars: list[Row]
    rules: list[Row]
    labels: dict[float, list[str]]
    height: float


def draw(
    panel: Panel, heading: str, called: Mapping[str, str], scales: tuple[alt.Scale, alt.Scale], *, dense: bool
) -> Layers:
    """Draw a panel.

    Args:
        panel: The panel.
        heading: What stands above its title; may be "".
        called: Context → its name.
        scales: Of colour and shape, over the names.
        dense: Whether there are many lines, so that little space is left.
    """
    places: list[str] = scales[0]["domain"]
    low, high = _domain(panel.lines)
    made = _marks(panel.lines, {one: places.index(name) for one, name in called.items()}, (low, high), dense=dense)
    labels = _quoted({f"{at:g}": label for at, label in made.labels.items()})
    across = alt.Scale(domain=[low, high], nice=False, zero=False)
    shared: dict[str, Any] = {
        "x": alt.X(
            "x:Q", title=panel.unit, scale=across,
            axis=alt.Axis(grid=False, tickCount=5, titlePadding=2, labelSeparation=4),
        ),
        "y": alt.Y(
            "y:Q",
            title=None,
            scale=alt.Scale(domain=[round(made.height, 1), 0], nice=False, zero=False),
            axis=alt.Axis(
                values=list(made.labels), labelExpr=f"({labels})[datum.value]", labelLimit=LABELS, labelPadding=8,
                labelLineHeight=TEXT, labelBaseline="top", minExtent=LABELS, maxExtent=LABELS, grid=False, ticks=False,
                domain=False,
            ),
        ),
    }  # fmt: skip
    layers = [*_rules(made), *_dots(made.dots, scales, dense=dense), *_bars(made.bars)]
    about = [part for part in (heading, panel.title) if part]
    titled: dict[str, Any] = {}
    if about:
        below: dict[str, Any] = (
            {"subtitle": [part for one in about[1:] for part in lines(one, ACROSS)]} if about[1:] else {}
        )
        below["fontWeight"] = 600 if heading else 400
        titled["title"] = alt.TitleParams(text=lines(about[0], ACROSS), **below)
    return alt.layer(*layers, encoding=alt.SharedEncoding(**shared)).properties(
        width=WIDTH - LABELS, height=round(made.height), **titled
    )


def _marks(shown: Iterable[Line], lanes: Mapping[str, int], domain: tuple[float, float], *, dense: bool) -> Marks:
    sizes, digits = DENSE if dense else ROOMY, decimals(domain[1] - domain[0])
    marks, top = Marks([], [], [], {}, 0.0), 0.0
    for line in shown:
        used = sorted({lanes[dot.context] for dot in line.dots})
        label = _label(line, dense=dense)
        content = sizes.lane * len(used) + sizes.bar * len(line.bars)
        height = max(content, TEXT * len(label)) + 2 * sizes.gap
        begin = top + (height - content) / 2
        for dot in line.dots:
            lane = used.index(lanes[dot.context])
            y = begin + sizes.lane * (lane + 0.5 + 0.6 * (dot.replica * GOLDEN % 1 - 0.5))
            marks.dots.append(_dot(dot, lanes[dot.context], y, domain, digits))
        for number, row in enumerate(line.bars):
            y = begin + sizes.lane * len(used) + sizes.bar * (number + 0.5)
            marks.bars.append(_bar(row, y, domain, digits))
        rule = {"y": round(top, 1), "y2": round(top + height, 1)}
        marks.rules.append({**rule, "x": line.row.threshold, "what": "threshold"})
        if line.row.zero is not None and line.row.zero != line.row.threshold:
            marks.rules.append({**rule, "x": line.row.zero, "what": "no effect"})
        marks.labels[round(top + (height - TEXT * len(label)) / 2, 1)] = label
        top += height
    return marks._replace(height=top)


def _label(line: Line, *, dense: bool) -> list[str]:
    if not dense:
        return [*lines(line.label, LETTERS), *([line.verdict] if line.verdict else [])]
    about, came = line.label.replace("KL weight 1, ", ""), line.verdict
    for words in (" reach", " fall short", " hold", " fail"):
        came = came.removesuffix(words)
    whole = f"{about}  {came}".strip()
    return [whole] if len(whole) <= LETTERS else [*lines(about, LETTERS), *([came] if came else [])]


def _rules(made: Marks) -> Iterator[alt.Chart]:
    """Draw where lines meet, no effect, and the threshold."""
    borders = sorted({rule["y"] for rule in made.rules} - {0.0})
    if borders:
        yield (
            alt.Chart(inline({"y": at} for at in borders))
            .mark_rule(color=FAINT, strokeWidth=0.7)
            .encode(x=alt.value(-LABELS), x2=alt.value(WIDTH - LABELS))
        )
    looks: tuple[tuple[str, dict[str, Any]], ...] = (
        ("no effect", {"color": QUIET, "strokeWidth": 1}),
        ("threshold", {"color": INK, "strokeWidth": 1.5, "strokeDash": [4, 3]}),
    )
    for what, look in looks:
        if rules := [rule for rule in made.rules if rule["what"] == what]:
            told = [alt.Tooltip("what:N", title=" "), alt.Tooltip("x:Q", title="at")]
            yield alt.Chart(inline(rules)).mark_rule(**look).encode(y2="y2:Q", tooltip=told)


def _dots(dots: list[Row], scales: tuple[alt.Scale, alt.Scale], *, dense: bool) -> Iterator[alt.Chart]:
    legend = alt.Legend(columns=2, symbolOpacity=1)
    colour = alt.Color("context:N", scale=scales[0], legend=legend)
    told = [alt.Tooltip("context:N"), alt.Tooltip("replica:Q"), alt.Tooltip("backend:N")]
    data = alt.Chart(inline(dots)).transform_calculate(context=f"{_quoted(scales[0]['domain'])}[datum.c]")
    if any("x1" in dot for dot in dots):
        told += [
            alt.Tooltip("x1:Q", title="lower end", format=".3g"), alt.Tooltip("x2:Q", title="upper end", format=".3g"),
        ]  # fmt: skip
        yield data.mark_rule(strokeOpacity=0.4, strokeWidth=1).encode(x=alt.X("x1:Q"), x2="x2:Q", color=colour)
    else:
        told.append(alt.Tooltip("x:Q", title="value", format=".3g"))
    yield data.mark_point(filled=True, size=(DENSE if dense else ROOMY).dot, fillOpacity=0.75).encode(
        color=colour, shape=alt.Shape("context:N", scale=scales[1], legend=legend), tooltip=told
    )


def _bars(bars: list[Row]) -> Iterator[alt.Chart]:
    """Draw intervals, and the medians in them; of several backends, each with its name."""
    if not bars:
        return
    told = [alt.Tooltip("backend:N"), alt.Tooltip("verdict:N"), alt.Tooltip("median:N", title="median [interval]")]
    data = alt.Chart(inline(bars))
    sides = dict.fromkeys(bar["side"] for bar in bars) if len({bar["backend"] for bar in bars}) > 1 else {}
    # White around the letters keeps them legible on the threshold, or on their own interval.
    yield from (_names(data, side, stroke="white", strokeWidth=2.5) for side in sides if side != WITHIN)
    yield data.mark_rule(color=INK, strokeWidth=4).encode(x=alt.X("x1:Q"), x2="x2:Q", tooltip=told)
    yield data.mark_tick(color="white", thickness=1.5, size=4, orient="vertical")
    yield from (_names(data, side, stroke="white", strokeWidth=2.5) for side in sides if side == WITHIN)
    yield from (_names(data, side, color=QUIET) for side in sides)


def _names(data: alt.Chart, side: str, **look: Any) -> alt.Chart:
    """Draw the names of the backends that stand on one side of their interval."""
    end, place = SIDES[side]
    chosen = data.transform_filter(f"datum.side === '{side}'").encode(x=alt.X(f"{end}:Q"), text="backend:N")
    return chosen.mark_text(fontSize=10, **place, **look)


def _dot(dot: Dot, context: int, y: float, domain: tuple[float, float], digits: int) -> Row:
    """Return a mark for a VAE: midway between its ends; what is infinite stands at the edge."""
    low, high = (min(max(end, domain[0]), domain[1]) for end in (dot.low, dot.high))
    found: Row = {"x": round((low + high) / 2, digits), "y": round(y, 1), "c": context}
    found |= {"replica": dot.replica, "backend": dot.backend}
    return found | ({"x1": round(low, digits), "x2": round(high, digits)} if low != high else {})


def _bar(row: VerdictRow, y: float, domain: tuple[float, float], digits: int) -> Row:
    low, middle, high = (
        round(min(max(end, domain[0]), domain[1]), digits) if end is not None else None
        for end in (row.low, row.median, row.high)
    )
    room = ROOM * (domain[1] - domain[0])
    beside = (high is None or high < domain[1] - room, low is None or low > domain[0] + room, True)
    return {
        **{"x1": low, "x": middle, "x2": high, "y": round(y, 1), "backend": row.backend},
        "side": list(SIDES)[beside.index(True)],
        "verdict": f"{row.verdict}: {row.reason}" if row.reason else row.verdict,
        "median": text.interval(row.median, row.low, row.high),
    }


def _domain(shown: Iterable[Line]) -> tuple[float, float]:
    """Return the ends of an axis: all finite values, the threshold and no effect, and a little beyond."""
    shown = list(shown)
    values = [end for line in shown for dot in line.dots for end in (dot.low, dot.high)]
    values += [end for line in shown for row in line.bars for end in (row.low, row.high, row.median) if end is not None]
    fixed = [end for line in shown for end in (line.row.threshold, line.row.zero) if end is not None]
    known = [value for value in (*values, *fixed) if math.isfinite(value)]
    low, high = min(known), max(known)
    margin = 0.03 * ((high - low) or abs(high) or 1.0)
    digits = decimals(high - low) + 1
    return round(low - margin, digits), round(high + margin, digits)


def _quoted(value: object) -> str:
    """Write a value into an expression, which would turn the escapes of control characters back into them."""
    return json.dumps(text.printed(value))
