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
"""Pixels of a figure, without its margins: a telephone of 360 shows it at two thirds, where its text is still legible."""
LABELS = 180
"""Pixels left of an axis of lines, for what each is about."""
FONT = "Helvetica, Arial, sans-serif"
"""Whatever the reader has of these: no font is fetched."""
SIZE, SMALL = 14, 13
INK, QUIET, FAINT = "#24292f", "#6e7781", "#d0d7de"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a6d00", "#5b4b8a")
"""The first six are Okabe and Ito's, apart for all readers; a figure never tells things apart by colour alone."""
SHAPES = ("circle", "triangle-up", "square", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")
Chart = alt.Chart | alt.LayerChart | alt.ConcatChart | alt.VConcatChart | alt.HConcatChart


def inline(rows: Iterable[Mapping[str, Any]]) -> alt.InlineData:
    """Return rows as inlined data: as CSV, which is a third as long as JSON; a cell that a row lacks is null."""
    table = [dict(row) for row in rows]
    columns = list(dict.fromkeys(name for row in table for name in row))
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(
        [columns, *([row.get(name, "") for name in columns] for row in table)]
    )
    numbers = {name: all(isinstance(row.get(name, 0), (int, float)) for row in table) for name in columns}
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
    text = {
        "labelColor": INK,
        "titleColor": INK,
        "labelFontSize": SMALL,
        "titleFontSize": SMALL,
        "titleFontWeight": 400,
    }
    styled = chart.properties(
        background="white", padding=alt.Padding(left=6, right=12, top=4, bottom=4), description=description
    ).configure(
        font=FONT,
        aria=False,  # The description says it; a name for each of a thousand dots would only be in the way.
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            **text, domainColor=FAINT, tickColor=FAINT, gridColor="#eef1f4", tickSize=4, labelFlush=False
        ),
        legend=alt.LegendConfig(
            **text, orient="top", title=None, symbolSize=60, labelLimit=WIDTH, symbolStrokeWidth=1.5, offset=10
        ),
        title=alt.TitleConfig(
            anchor="start", color=INK, fontSize=SIZE, fontWeight=600, subtitleColor=INK, subtitleFontSize=SIZE,
            subtitleFontWeight=400, subtitlePadding=4, offset=8, frame="bounds",
        ),
        concat=alt.CompositionConfig(spacing=14),
    )  # fmt: skip
    found: dict[str, Any] = styled.to_dict()
    return found
