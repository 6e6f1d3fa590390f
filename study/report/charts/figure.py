"""A figure: its specification, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure of the pages.

    Attributes:
        name: Stem of its file: kind of figure, or claim; then scale and data set, e.g. ``verdicts-quick-digits``.
        claim: Id of the claim that it is about; "" where it is about several.
        title: What is to be seen, in ten words or so.
        alt: Alternative text, with the numbers that matter.
        caption: What its marks mean, in Markdown.
        spec: Its Vega-Lite specification, data inlined.
    """

    name: str
    claim: str
    title: str
    alt: str
    caption: str
    spec: Mapping[str, Any]
