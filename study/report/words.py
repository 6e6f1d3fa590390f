"""The look of each verdict: its mark, its colour in a terminal, and the answer that it gives; one table for all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from study.evidence.records import VerdictRow
from study.verdicts.judgement import InContext


class Look(NamedTuple):
    """How readers see a verdict.

    Attributes:
        mark: One character.
        colour: Of the terminal; a refuted claim is a result, not a failure, and no colour is told from another by
            red and green alone.
        answer: Whether a claim holds, in a word.
    """

    mark: str
    colour: str
    answer: str


MANY = 8
"""Contexts that a row spells out, a letter each; of more it says how many there are of each letter."""
SPLIT = "SPLIT"
"""Stands for a row on which backends contradict each other."""
VERDICTS: Mapping[str, Look] = {
    "SUPPORTED": Look("✔", "green", "yes"),
    "REFUTED": Look("✘", "blue", "no"),
    "MIXED": Look("◐", "cyan", "contexts contradict each other"),
    "INCONCLUSIVE": Look("○", "yellow", "undecided"),
    SPLIT: Look("⚡", "magenta", "backends disagree"),
}
"""Verdict → its look, in the order in which verdicts are listed."""

LETTERS = {"S": "supported", "R": "refuted", "I": "undecided", "-": "not applicable"}
"""What a context says by itself, in a letter."""


def letter(one: InContext) -> str:
    """Return the letter of what one context says by itself."""
    return one.verdict[0] if one.applicable and one.verdict else "-"


def status(verdict: str, *, failed: bool) -> tuple[str, str, tuple[str, dict[str, bool]]]:
    """Return what pytest shows of a judged test: its category, a letter, and a word in its colour."""
    if failed:
        return "failed", "F", (f"FAILED ({verdict})", {"red": True})
    if verdict == "INCONCLUSIVE":
        return "inconclusive", "I", (verdict, {"yellow": True})
    return "passed", verdict[0], (verdict, {"green": True})


def letters(row: VerdictRow) -> str:
    """Write a letter a context, in the order of the design: see :data:`LETTERS`.

    More than eight are counted, e.g. ``27 S`` or ``9 S, 2 R, 2 I, 7 -``.
    """
    each = [letter(one) for one in row.contexts]
    if len(each) <= MANY:
        return "".join(each)
    return ", ".join(f"{each.count(sign)} {sign}" for sign in LETTERS if sign in each)
