"""The looks of verdicts: one each, told apart without colours."""

from __future__ import annotations

from study.report.words import SPLIT, VERDICTS
from study.verdicts.kinds import Verdict


def test_every_verdict_has_a_look() -> None:
    assert set(VERDICTS) == {*Verdict, SPLIT}


def test_no_two_look_alike() -> None:
    for looks in zip(*VERDICTS.values(), strict=True):
        assert len(set(looks)) == len(VERDICTS)
