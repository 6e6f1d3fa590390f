"""Everything recorded → the Markdown pages, the figures, the offline page and the table of measurements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import jinja2

from study.errors import InvalidValue, printable
from study.evidence.records import VerdictRow
from study.evidence.store import Store
from study.report import claim_page, export, html, speed, summary, text
from study.report.answer import QUESTION, scales
from study.report.charts.figure import Figure
from study.report.charts.gallery import figures, svg
from study.report.content import Content, gather
from study.report.findings import NOTE
from study.report.runs import HEADINGS
from study.runtime.files import publish

PILOTED = "digits"
"""The data set on which thresholds and predictions were piloted."""
FIRST = ("verdicts", "decoded")
"""Kinds of figure that the first page shows, in this order; the others it links."""
SPEED = "speed"
"""Kind of figure that the page of speed shows."""
SPECIFICATIONS = "specifications"
"""Kind of figure that the page of specification curves shows."""
LINES = 10
"""Lines that a list takes on the first page."""


def write(results: Path, claims: Path | None = None, controls: Path | None = None) -> list[Path]:
    """Write the pages and figures beside the evidence, and counterexamples that lack their file.

    The same evidence gives the same bytes.

    Args:
        results: Folder of the evidence.
        claims: Folder of the claims, whose overturned predictions are shown.
        controls: Folder of the controls that the judges of the claims passed.

    Returns:
        The files written, ``README.md`` first.

    Raises:
        InvalidValue: When there is no such folder.
        EvidenceError: When some of it is damaged.
        StudyError: The extra ``report`` is not installed.
    """
    store = Store(results)
    load(store)
    drawn = figures(store)
    content = gather(store, drawn, claims, controls)
    pages = {
        "README.md": readme(content),
        **{f"claims/{claim}.md": claim_markdown(content, claim) for claim in content.claims},
        **_beside(results, content),
        **{f"figures/{figure.name}.svg": svg(figure.spec) for figure in drawn},
        "index.html": html.render(content),
    }
    for path, page in pages.items():
        (results / path).parent.mkdir(parents=True, exist_ok=True)
        publish(results / path, page)
    written = [results / path for path in pages] + store.write_counterexamples()
    return [*written, export.write(results / export.FILE, content.evidence)] if content.rows else written


def load(store: Store) -> list[VerdictRow]:
    """Return every recorded row in reading order, refusing a folder that is none."""
    if not store.root.is_dir():
        raise InvalidValue("--results", str(store.root), "a folder that holds evidence")
    return summary.ordered(store.rows())


def readme(content: Content) -> str:
    """Render the first page."""
    ordinary = [figure for figure in content.figures_of("") if _kind(figure.name) != SPEED]
    shown = [figure for kind in FIRST for figure in _largest(ordinary, kind)]
    return _render(
        "README.md.j2",
        content=content,
        question=QUESTION,
        findings=html.table(content.table, lambda claim: f"claims/{claim}.md"),
        shown=shown,
        others=_by_title(figure for figure in ordinary if figure not in shown),
        note=f"{NOTE} {scales()}",
        headings=HEADINGS,
        piloted=PILOTED if any(row.data == PILOTED for row in content.rows) else "",
        limit=LINES,
    )


def claim_markdown(content: Content, claim: str) -> str:
    """Render the page of a claim."""
    return _render("claim.md.j2", **claim_page.context(content, claim))


def _beside(results: Path, content: Content) -> dict[str, str]:
    """Render the pages of what was recorded beside the claims."""
    found = {}
    if timed := speed.section(results):
        drawn = [figure for figure in content.figures if _kind(figure.name) == SPEED]
        found["benchmarks/README.md"] = _render("benchmarks.md.j2", speed=timed, figures=drawn)
    if content.length:
        found["training.md"] = _render("training.md.j2", length=content.length)
    if content.specifications:
        drawn = [figure for figure in content.figures if _kind(figure.name) == SPECIFICATIONS]
        names = {claim: words.statement or claim for claim, words in content.claims.items()}
        found["specifications.md"] = _render(
            "specifications.md.j2", section=content.specifications, names=names, figures=drawn
        )
    return found


def _kind(name: str) -> str:
    return name.partition("-")[0]


def _by_title(figures: Iterable[Figure]) -> dict[str, list[tuple[str, str]]]:
    """Gather figures that show the same: title → data set with scale, and name, of each."""
    found: dict[str, list[tuple[str, str]]] = {}
    for figure in figures:
        kind, *scale = figure.name.split("-", 2)
        where = ", ".join([*map(text.images, scale[1:]), *scale[:1]]) or kind
        found.setdefault(figure.title, []).append((where, figure.name))
    return found


def _largest(figures: Sequence[Figure], kind: str) -> list[Figure]:
    """Return the figures of a kind at the largest scale that it was drawn at, one a data set."""
    drawn: dict[str, list[Figure]] = {}
    for figure in figures:
        if _kind(figure.name) == kind:
            drawn.setdefault(figure.name.split("-")[1] if "-" in figure.name else "", []).append(figure)
    order = [scale for scale in summary.SCALES if scale in drawn]
    return drawn[order[-1]] if order else next(iter(drawn.values()), [])


def _render(template: str, **context: Any) -> str:
    """Render Markdown; sections that have nothing to say leave no blank lines behind."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("study.report"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 (Markdown: `md` escapes what somebody wrote)
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["md"] = text.md
    found = environment.get_template(template).render(context)
    return printable(re.sub(r"\n{3,}", "\n\n", found).rstrip("\n") + "\n")
