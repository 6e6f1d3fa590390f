"""Figures of dots, one a VAE: with the interval of their median, and the threshold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

import altair as alt

from study.evidence.records import ClaimWords, Evidence, VerdictRow
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
    """Draw the rows that answer the questions of the table, one figure a scale and data set; of all claims if none."""
    found = []
    for (scale, data), evidence in _by_run(store).items():
        every = list(_by_claim(evidence))
        asked = [claim for claim in every if claim[0].question] or every
        shown = [panel for claim in asked for panel in rows_of.panels(claim, data, headlines=True)]
        if shown:
            rows = _rows(shown)
            title = f"KL weight 1 on {text.images(data)}, scale {scale}: {_counted(rows)}"
            about = [f"{words.question or words.statement} {_answered(shown, words.claim)}" for words in _asked(shown)]
            alt_text = f"Dots of {text.plural(_vaes(shown), 'VAE')}, one panel a question. {' '.join(about)}"
            found.append(_figure(stem("verdicts", scale, data), "", title, alt_text, shown, questions=True))
    return found


def claims(store: Store) -> list[Figure]:
    """Draw all rows of each claim, one figure a scale and data set."""
    found = []
    for (scale, data), evidence in _by_run(store).items():
        for claim in _by_claim(evidence):
            if shown := rows_of.panels(claim, data):
                rows = _rows(shown)
                title = f"On {text.images(data)}, scale {scale}: {_counted(rows)}"
                name = stem(claim[0].claim, scale, data)
                found.append(_figure(name, claim[0].claim, title, _told(shown), shown, questions=False))
    return sorted(found, key=lambda figure: figure.claim)


def _figure(name: str, claim: str, title: str, alt_text: str, shown: Sequence[Panel], *, questions: bool) -> Figure:
    contexts = {dot.context for panel in shown for line in panel.lines for dot in line.dots}
    called = rows_of.names(sorted(contexts, key=rows_of.rank))
    scales = looks(list(dict.fromkeys(called.values())))
    drawn, last = [], ""
    for panel in shown:
        heading = (panel.claim.question or panel.claim.statement) if questions and panel.claim.claim != last else ""
        drawn.append(draw(panel, heading, called, scales, dense=questions))
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


def _asked(shown: Iterable[Panel]) -> list[ClaimWords]:
    """Return the claims shown, each once."""
    return list({panel.claim.claim: panel.claim for panel in shown}.values())


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
