"""Every figure of the evidence, and its SVG; what draws them is imported only here, and only to draw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from study.errors import StudyError
from study.evidence.store import Store
from study.report.charts.figure import Figure

EXTRA = ("altair", "vl_convert", "PIL")


def figures(store: Store) -> list[Figure]:
    """Draw every figure of the recorded evidence, in reading order: those about several claims, then each claim's.

    Args:
        store: The evidence; benchmarks beside it are drawn, too.

    Returns:
        The figures; none of what was not recorded. Equal evidence gives equal figures.

    Raises:
        StudyError: The extra ``report`` is not installed.
        EvidenceError: A file is damaged or of another schema version.
    """
    try:
        from study.report.charts import drawing
    except ModuleNotFoundError as error:
        raise _needed(error) from error
    return drawing.figures(store)


def svg(spec: Mapping[str, Any]) -> str:
    """Return a specification as SVG: equal specifications give equal bytes, and nothing is fetched.

    Raises:
        StudyError: vl-convert is not installed.
    """
    try:
        from study.report.charts import drawing
    except ModuleNotFoundError as error:
        raise _needed(error) from error
    return drawing.svg(spec)


def _needed(error: ModuleNotFoundError) -> Exception:
    """Return what a reader can do about a module that is missing; the error itself where it is no part of the extra."""
    if error.name not in EXTRA:
        return error
    return StudyError("The charts need Altair, vl-convert and Pillow: pip install 'vae-claims[report]' adds them.")
