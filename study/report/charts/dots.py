"""Figures of dots, one a VAE: with the interval of their median, and the threshold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

import altair as alt

from study.evidence.records import Evidence, VerdictRow
from study.evidence.store import Store
from study.report import summary, text
from study.report.charts import rows as rows_of
from study.report.charts.figure import Figure
from study.report.charts.panel import draw
from study.report.charts.rows import Panel
from study.report.charts.shown import in_order, stem
from study.report.charts.style import looks, specification
from study.report.words import SPLIT
from study.verdicts.kinds import Kind

CAPTION = (
    "Each dot is one VAE; shape and colour tell architectures apart. The bar is the exact interval of the median, "
    "which a stroke across it marks; the dashed line is the threshold{zero}."
)


def summaries(store: Store) -> list[Figure]:
    """Draw the rows that answer the questions of the table, one figure a scale and data set; of all claims if none.

    A question that was not asked at a scale is shown as the next smaller one answered it.
    """
    found, answered = [], dict[str, dict[str, tuple[Evidence, list[Panel]]]]()
    for (scale, data), evidence in _by_run(store).items():
        known = answered.setdefault(data, {})
        for claim in _by_claim(evidence):
            if panels := rows_of.panels(claim, data, headlines=True):
                known[claim[0].claim] = claim[0], panels
        every = sorted(known.values(), key=lambda one: (one[0].chapter, one[0].claim))
        asked = [one for one in every if one[0].question] or every
        shown = [panel for _, panels in asked for panel in panels]
        if shown:
            rows, scales = _rows(shown), {one.scale for one, _ in asked}
            title = f"KL weight 1 on {text.images(data)}, scale {_at(scale, scales)}: {_counted(rows)}"
            headings = {
                one.claim: (f"At scale {one.scale}: " if one.scale != scale else "") + (one.question or one.statement)
                for one, _ in asked
            }
            about = [f"{heading} {_answered(shown, claim)}" for claim, heading in headings.items()]
            alt_text = f"Dots of {text.plural(_vaes(shown), 'VAE')}, one panel a question. {' '.join(about)}"
            found.append(_figure(stem("verdicts", scale, data), "", title, alt_text, shown, headings))
    return found


def _at(scale: str, scales: set[str]) -> str:
    """Name a scale, and those of what was not asked at it, e.g. ``standard, or else quick``."""
    others = sorted(scales - {scale}, key=list(summary.SCALES).index)
    return f"{scale}, or else {' or '.join(others)}" if others else scale


def claims(store: Store) -> list[Figure]:
    """Draw all rows of each claim, one figure a scale and data set."""
    found = []
    for (scale, data), evidence in _by_run(store).items():
        for claim in _by_claim(evidence):
            if shown := rows_of.panels(claim, data):
                rows = _rows(shown)
                title = f"On {text.images(data)}, scale {scale}: {_counted(rows)}"
                name = stem(claim[0].claim, scale, data)
                found.append(_figure(name, claim[0].claim, title, _told(shown), shown, {}))
    return sorted(found, key=lambda figure: figure.claim)


def _figure(
    name: str,
    claim: str,
    title: str,
    alt_text: str,
    shown: Sequence[Panel],
    headings: Mapping[str, str],
) -> Figure:
    """Draw panels; above the first of a claim stands its heading."""
    contexts = {dot.context for panel in shown for line in panel.lines for dot in line.dots}
    called = rows_of.names(sorted(contexts, key=rows_of.rank))
    scales = looks(list(dict.fromkeys(called.values())))
    drawn, last = [], ""
    for panel in shown:
        heading = headings.get(panel.claim.claim, "") if panel.claim.claim != last else ""
        drawn.append(draw(panel, heading, called, scales, dense=bool(headings)))
        last = panel.claim.claim
    chart = alt.vconcat(*drawn).resolve_scale(color="shared", shape="shared")
    zero = any(line.row.zero is not None for panel in shown for line in panel.lines)
    every = any(row.kind == Kind.EVERY for panel in shown for line in panel.lines for row in line.judged)
    caption = CAPTION.format(zero=", the thin line no effect" if zero else "")
    caption += " Of a claim about every VAE the bar is that of the lowest context." if every else ""
    return Figure(
        name=name, claim=claim, title=title, alt=alt_text, caption=caption, spec=specification(chart, alt_text)
    )


def _rows(shown: Iterable[Panel]) -> list[Sequence[VerdictRow]]:
    """Return the rows shown, each on every backend."""
    return [line.judged for panel in shown for line in panel.lines if line.judged]


def _counted(rows: Sequence[Sequence[VerdictRow]]) -> str:
    """Say how many rows came to which word, e.g. ``of 9 rows 3 supported, 6 refuted``."""
    counts = summary.count(summary.consensus(row) for row in rows)
    words = {verdict: "split between backends" if verdict == SPLIT else verdict.lower() for verdict in counts}
    said = [f"{number} {words[verdict]}" for verdict, number in counts.items()]
    if len(rows) == 1:
        return next(iter(words.values()))
    return f"of {len(rows)} rows {', '.join(said)}"


def _answered(shown: Iterable[Panel], claim: str) -> str:
    """Say what the rows of a claim came to, in a sentence."""
    said = _counted(_rows(panel for panel in shown if panel.claim.claim == claim))
    return f"{said[0].upper()}{said[1:]}."


def _told(shown: Iterable[Panel]) -> str:
    """Say what each line shows, in a sentence."""
    told = []
    for panel in shown:
        for line in panel.lines:
            for row in line.judged:
                at = f" ({row.backend})" if len(line.judged) > 1 else ""
                middle = text.interval(row.median, row.low, row.high)
                told.append(f"{line.about}{at}: {row.verdict}, median {middle} against {text.threshold(row)}.")
    return " ".join(told)


def _vaes(shown: Iterable[Panel]) -> int:
    return sum(len(line.dots) for panel in shown for line in panel.lines)


def _by_run(store: Store) -> dict[tuple[str, str], list[Evidence]]:
    """Gather evidence by scale and data set, scales from small to large."""
    found: dict[tuple[str, str], list[Evidence]] = {}
    for evidence in store.evidence():
        for data in dict.fromkeys(row.data for row in evidence.rows):
            found.setdefault((evidence.scale, data), []).append(evidence)
    return {run: found[run] for run in in_order(found)}


def _by_claim(evidence: Sequence[Evidence]) -> list[list[Evidence]]:
    ordered = sorted(evidence, key=lambda one: (one.chapter, one.claim, one.backend))
    return [list(group) for _, group in groupby(ordered, key=lambda one: one.claim)]
