"""Every figure of the evidence, and how one becomes SVG; Altair and vl-convert are imported from here on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import altair
import vl_convert

from study.evidence.store import Store
from study.report import text
from study.report.charts import capacity, decoded, dots, information, plane, specifications, timing
from study.report.charts.figure import Figure

VEGA_LITE = ".".join(altair.SCHEMA_VERSION.removeprefix("v").split(".")[:2])


def figures(store: Store) -> list[Figure]:
    """Draw every figure: see :func:`study.report.charts.gallery.figures`."""
    drawn = [one for kind in (decoded, plane, capacity, information) for one in kind.figures(store)]
    claims = [*dots.claims(store), *specifications.figures(store)]
    return [*dots.summaries(store), *drawn, *claims, *timing.figures(store.root)]


def svg(spec: Mapping[str, Any]) -> str:
    """Return a specification as SVG: see :func:`study.report.charts.gallery.svg`."""
    drawn: str = vl_convert.vegalite_to_svg(
        text.printed(dict(spec), folded=False), vl_version=VEGA_LITE, allowed_base_urls=[]
    )
    return _settled(drawn) + "\n"


def _settled(drawn: str) -> str:
    """Number what is clipped from 0, as Vega counts on through a process; round places to hundredths of a pixel."""
    numbers = dict.fromkeys(re.findall(r'id="(?:clip|gradient_)(\d+)"', drawn))
    order = {number: str(index) for index, number in enumerate(numbers)}
    drawn = re.sub(r"\b(clip|gradient_)(\d+)\b", lambda m: m[1] + order.get(m[2], m[2]), drawn)

    def rounded(found: re.Match[str]) -> str:
        return re.sub(r"-?\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), found[0])

    return re.sub(r' (?:transform|d|[xy][12]?)="[^"]*"', rounded, drawn)
