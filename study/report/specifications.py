"""Specification curves: how many of the defensible specifications agree with the word of a row."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from study.evidence import serialise
from study.evidence.specifications import FILE, Specification, Specifications
from study.evidence.store import Store
from study.report import text
from study.verdicts.kinds import Verdict

WEIGHT, HEADLINE = "KL weight", "1"
SIDES = {Verdict.SUPPORTED.value: 1, Verdict.REFUTED.value: -1}
"""Word → where the median of a specification that agrees with it lies; of other words none can."""
AGREES, AGAINST, OPEN = "agrees with the word", "is against the word", "its bracket holds the threshold"
ENOUGH = 0.75
"""Share of the specifications of a row that should agree with its word."""
REACHES, SHORT = "reaches the threshold", "falls short of it"


@dataclass(frozen=True, kw_only=True)
class Curve:
    """The specifications of one row.

    Attributes:
        word: The verdict that is recorded of the row; "" where none is.
        specifications: Those that the claim says something about, sorted by median.
        left: How many it says nothing about, or have no VAE.
    """

    word: str
    specifications: Sequence[Specification]
    left: int

    @property
    def first(self) -> Specification:
        """What says claim, estimand, threshold and unit for all of them."""
        return self.specifications[0]

    def stands(self, one: Specification) -> str:
        """Say how a specification stands to the word; where no word was decided, to the threshold."""
        if not one.side:
            return OPEN
        if self.word not in SIDES:
            return REACHES if one.side > 0 else SHORT
        return AGREES if one.side == SIDES[self.word] else AGAINST

    def at(self, weight: str) -> list[str]:
        """Return how each specification of a KL weight stands."""
        return [self.stands(one) for one in self.specifications if one.choices[WEIGHT] == weight]

    @property
    def said(self) -> str:
        """How many agree, in a sentence; KL weight 1, of which headlines speak, is counted by itself."""
        weights = sorted({one.choices[WEIGHT] for one in self.specifications}, key=lambda one: (one != HEADLINE, one))
        counts: list[str] = []
        for weight in weights:
            stand = self.at(weight)
            what = f" specifications {self._verb()}" if not counts else ""
            open_ = f" ({stand.count(OPEN)} undecided, as a bracket holds the threshold)" * (OPEN in stand)
            counts.append(f"{_count(stand)}{what}{open_} at KL weight {weight}")
        left = (
            f"; {text.plural(self.left, 'specification')} left out, of which the claim says nothing"
            if self.left
            else ""
        )
        return f"{', '.join(counts)}{left}."

    def _verb(self) -> str:
        if self.word in SIDES:
            return f"agree with the word {self.word}"
        return (
            f"reach the threshold (the row is {self.word})"
            if self.word
            else "reach the threshold (no word is recorded)"
        )


@dataclass(frozen=True, kw_only=True)
class Section:
    """What the page says.

    Attributes:
        about: Where the numbers come from.
        level: Confidence level of the intervals, e.g. ``93 %``.
        curves: Claim → its curves.
    """

    about: str
    level: str
    curves: dict[str, list[Curve]]


def section(store: Store) -> Section | None:
    """Read what is recorded, beside the words of the rows; None where nothing is.

    Raises:
        EvidenceError: The record, or the evidence, is damaged.
    """
    path = store.root / FILE
    if not path.exists():
        return None
    found = serialise.read(path, Specifications)
    made = found.manifest
    rows = {row.identity: row.verdict for row in store.rows(made.scale, made.backend)}
    curves: dict[str, list[Curve]] = {}
    for (claim, parameters), group in groupby(found.rows, key=lambda one: one.row):
        members = list(group)
        shown = sorted(filter(_shown, members), key=lambda one: one.median or 0.0)
        if shown:
            word = rows.get((claim, parameters, found.data), "")
            curve = Curve(word=word, specifications=shown, left=len(members) - len(shown))
            curves.setdefault(claim, []).append(curve)
    about = f"{found.data}, {made.scale}, {made.backend}, seed root {made.seed_root}"
    return Section(about=about, level=f"{100 * found.level:.0f} %", curves=curves)


def counted(curves: Iterable[Curve]) -> str:
    """Count row by row of a claim, at KL weight 1, e.g. ``36 of 36 and 8 of 18 specifications agree with REFUTED``."""
    curves = list(curves)
    counts, words = text.listing(_count(curve.at(HEADLINE)) for curve in curves), {curve.word for curve in curves}
    verb = "agree with " + ("the words" if len(words) > 1 else words.pop())
    return f"{counts} specifications " + (
        verb if all(curve.word in SIDES for curve in curves) else "agree, or reach the threshold"
    )


def fragile(curves: Iterable[Curve]) -> list[str]:
    """Count what agrees with each decided word of a claim that fewer than :data:`ENOUGH` agree with, at KL weight 1."""
    stands = [curve.at(HEADLINE) for curve in curves if curve.word in SIDES]
    return [_count(stand) for stand in stands if _good(stand) < ENOUGH * len(stand)]


def _count(stand: Sequence[str]) -> str:
    return f"{_good(stand)} of {len(stand)}"


def _good(stand: Sequence[str]) -> int:
    return sum(one in (AGREES, REACHES) for one in stand)


def _shown(one: Specification) -> bool:
    return one.applicable and one.median is not None and not math.isnan(one.median)
