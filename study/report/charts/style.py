"""What the charts share: size, colours, shapes, and how a chart becomes a specification."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from textwrap import wrap
from typing import Any

import altair as alt

WIDTH = 530
"""Pixels of a figure without margins: a telephone shows it at two thirds, where its text is still legible."""
LABELS = 180
"""Pixels left of an axis of lines, for what each is about."""
FONT = "Helvetica, Arial, sans-serif"
"""Whatever the reader has of these: no font is fetched."""
SIZE, SMALL = 14, 13
INK, QUIET, FAINT = "#24292f", "#6e7781", "#d0d7de"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a6d00", "#5b4b8a")
"""The first six are Okabe and Ito's, apart for all readers; a figure never tells things apart by colour alone."""
SHAPES = ("circle", "triangle-up", "square", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")
Layers = alt.LayerChart | alt.FacetChart
"""What Altair calls the type of layers."""
Chart = Layers | alt.VConcatChart | alt.HConcatChart


WORDS = {"labelColor": INK, "titleColor": INK, "labelFontSize": SMALL, "titleFontSize": SMALL, "titleFontWeight": 400}
STYLE: dict[str, Any] = {
    "font": FONT,
    "aria": False,  # The description says it; a name for each of a thousand dots would only be in the way.
    "view": {"stroke": None},
    "axis": {**WORDS, "domainColor": FAINT, "tickColor": FAINT, "gridColor": "#eef1f4", "tickSize": 4},
    "legend": {
        **WORDS, "orient": "top", "title": None, "symbolSize": 60, "symbolStrokeWidth": 1.5, "labelLimit": WIDTH,
        "columnPadding": 32,  # Labels are measured in one font, and shown in the reader's, which may be wider.
        "offset": 10,
    },
    "title": {
        "anchor": "start", "frame": "bounds", "color": INK, "fontSize": SIZE, "fontWeight": 600, "offset": 8,
        "subtitleColor": INK, "subtitleFontSize": SIZE, "subtitleFontWeight": 400, "subtitlePadding": 4,
    },
    "concat": {"spacing": 14},
}  # fmt: skip
"""Configuration of every chart."""


def inline(rows: Iterable[Mapping[str, Any]]) -> alt.InlineData:
    """Return rows as inlined data: as CSV, which is a third as long as JSON; a cell that a row lacks is null."""
    table = [dict(row) for row in rows]
    columns = list(dict.fromkeys(name for row in table for name in row))
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([columns, *([row.get(name) for name in columns] for row in table)])
    numbers = {name: all(isinstance(row.get(name) or 0, (int, float)) for row in table) for name in columns}
    parse = {name: "number" if number else "string" for name, number in numbers.items()}
    return alt.InlineData(values=text.getvalue(), format=alt.CsvDataFormat(type="csv", parse=parse))


def decimals(span: float, pixels: float = WIDTH) -> int:
    """Return the decimals that a reader can see on an axis of so many pixels: a fifth of one."""
    return max(0, math.ceil(-math.log10(span / pixels / 5))) if span > 0 and math.isfinite(span) else 4


def lines(text: str, width: int) -> list[str]:
    """Break a text into lines of so many characters."""
    return wrap(text, width, break_long_words=True) or [""]


def looks(names: Sequence[str]) -> tuple[alt.Scale, alt.Scale]:
    """Return the scales of colour and shape of named things, in their order: both tell them apart."""
    count = len(names)
    colours = [COLOURS[i % len(COLOURS)] for i in range(count)]
    shapes = [SHAPES[i % len(SHAPES)] for i in range(count)]
    return alt.Scale(domain=list(names), range=colours), alt.Scale(domain=list(names), range=shapes)


def specification(chart: Chart, description: str) -> dict[str, Any]:
    """Return a chart as Vega-Lite, in the style of all charts."""
    found: dict[str, Any] = chart.to_dict(validate=False)  # a test validates; here it would take twice the time
    margins = {"left": 6, "right": 12, "top": 4, "bottom": 4}
    return found | {"background": "white", "padding": margins, "description": description, "config": STYLE}
