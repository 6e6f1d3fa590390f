"""One offline page: the answer, its table, live charts, and every row with its contexts, values and command."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from study.errors import StudyError, printable
from study.evidence.records import Observation, VerdictRow
from study.report import phrases, summary, text
from study.report.answer import QUESTION, scales
from study.report.charts.figure import Figure
from study.report.content import Content
from study.report.findings import NOTE, Finding
from study.report.headline import Group
from study.report.runs import HEADINGS
from study.report.words import VERDICTS

FILTERS = ("claim", "data", "scale", "backend", "verdict")
"""What rows are filtered by."""


def table(findings: Sequence[Finding], page: Callable[[str], str]) -> str:
    """Write the table of findings as HTML, which Markdown takes as it is.

    Args:
        findings: One a question.
        page: Claim → address of its page.
    """
    module: Any = _environment().get_template("findings.html.j2").module
    found = str(module.table(findings, page))
    return "\n".join(line for line in found.splitlines() if line.strip())  # at a blank line Markdown would go on


def render(content: Content) -> str:
    """Render the page; nothing on it is fetched from anywhere.

    Raises:
        StudyError: vl-convert is not installed.
    """
    groups = content.groups
    choices = {name: list(dict.fromkeys(value for group in groups for value in keys(group)[name])) for name in FILTERS}
    values = {(one.scale, one.backend, one.claim): one for one in content.evidence}
    found: str = (
        _environment()
        .get_template("index.html.j2")
        .render(
            content=content,
            question=QUESTION,
            groups=groups,
            choices=choices,
            distinct=distinct(content.figures),
            keys=keys,
            joint=summary.consensus,
            page=lambda claim: f"#{claim}",
            values=lambda row: in_contexts(row, values[row.scale, row.backend, row.claim].of_row(row)),
            headings=HEADINGS,
            note=f"{NOTE} {scales()}",
            live=_packed(libraries()) if content.figures else "",
            style=_asset("page.css"),
            script=_asset("page.js"),
        )
    )
    return found


def keys(group: Group) -> dict[str, list[str]]:
    """Return what a row is found by, filter by filter."""
    row = group[0]
    return {
        "claim": [row.claim],
        "data": [row.data],
        "scale": [row.scale],
        "backend": [row.backend for row in group],
        "verdict": [summary.consensus(group)],
    }


def in_contexts(row: VerdictRow, observed: Sequence[Observation]) -> list[tuple[str, str, str, str]]:
    """Return a line a context: its name, what it says by itself, its median, and its values as readers see them."""
    by: dict[str, list[str]] = {one.context: [] for one in row.contexts}
    for o in observed:
        ends = dict.fromkeys(text.number(end) for end in (o.low, o.high))
        by.setdefault(o.context, []).append(" … ".join(ends))
    own = {one.context: one for one in row.contexts}
    found = []
    for name, seen in by.items():
        one = own.get(name)
        word = one.verdict or "not applicable" if one else "fresh seeds"
        median = text.number(one.median) if one else text.NOTHING
        reach = f", {one.reach} of {one.replicas} reach" if one and one.applicable else ""
        found.append((name, word + reach, median, ", ".join(seen)))
    return found


def distinct(figures: Sequence[Figure]) -> list[Figure]:
    """Return figures without those that show the same as another, at a smaller scale: the larger stays."""
    found = {(figure.title, json.dumps(figure.spec, sort_keys=True)): figure for figure in figures}
    return list(found.values())


def libraries() -> str:
    """Return the scripts that draw live charts (Vega, Vega-Lite, Vega-Embed), for inlining.

    Raises:
        StudyError: vl-convert is not installed.
    """
    try:
        import vl_convert
    except ModuleNotFoundError as error:
        raise StudyError("The page needs vl-convert: pip install 'vae-claims[report]' adds it.") from error
    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))


def _packed(script: str) -> str:
    """Pack a script, to less than half its size: compressed, and written in base 64; the page unpacks it."""
    return base64.b64encode(zlib.compress(script.encode(), level=9)).decode()


def _asset(name: str) -> str:
    return files("study.report").joinpath("templates", name).read_text(encoding="utf-8")


def _embedded(value: object) -> Markup:
    """Write a value as JSON that may stand within a script element, whatever strings it holds."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return Markup(printable(written.replace("<", "\\u003c")))  # noqa: S704 (nothing in it ends the element)


def _code(words: str) -> Markup:
    """Write what stands between backticks as code; the rest is escaped."""
    parts = words.split("`")
    return Markup("").join(Markup("<code>{}</code>").format(one) if at % 2 else one for at, one in enumerate(parts))


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("study.report"),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    environment.filters |= {"embedded": _embedded, "code": _code}
    environment.globals |= {"text": text, "phrases": phrases, "looks": VERDICTS}
    return environment
