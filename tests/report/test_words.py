"""The looks of verdicts: one each, told apart without colours."""

from __future__ import annotations

from dataclasses import replace

from study.report.words import LETTERS, SPLIT, VERDICTS, letter, letters
from study.verdicts.kinds import Verdict


def test_every_verdict_has_a_look() -> None:
    assert set(VERDICTS) == {*Verdict, SPLIT}


def test_no_two_look_alike() -> None:
    for looks in zip(*VERDICTS.values(), strict=True):
        assert len(set(looks)) == len(VERDICTS)


def test_each_context_has_a_letter(make_row, in_context) -> None:
    """- where the claim says nothing; many are counted."""
    two = (in_context("a", 0.1), replace(in_context("b", None), applicable=False, verdict=""))
    assert letters(make_row(contexts=two)) == "S-"
    assert letters(make_row(contexts=())) == ""
    assert letters(make_row(contexts=two[:1] * 9 + two[1:])) == "9 S, 1 -"


def test_every_context_has_a_letter_that_the_legend_knows(in_context) -> None:
    told = {"SUPPORTED": "S", "REFUTED": "R", "INCONCLUSIVE": "I", "": "-"}
    for verdict, sign in told.items():
        one = replace(in_context("a", 1.0), verdict=verdict, applicable=bool(verdict))
        assert letter(one) == sign
    assert set(LETTERS) == set(told.values())
