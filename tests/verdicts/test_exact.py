"""Identities: all cases, or the one that breaks them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.errors import InvalidValue
from study.verdicts.exact import exact_word, judge_exact


@given(st.integers(1, 1000), st.floats(0, 1), st.floats(1, 2))
def test_an_identity_holds_in_every_case_that_was_tried(cases, largest, tolerance):
    judged = judge_exact(cases, largest, tolerance)
    assert (judged.verdict, judged.reason, judged.median) == ("SUPPORTED", "", largest)
    assert (judged.reach, judged.short, judged.count) == (cases, 0, cases)
    assert judged.note == f"tolerance {tolerance:g}; {cases} cases, largest error {largest:.3g}"


@pytest.mark.parametrize(("error", "shown"), [(0.25, 0.25), (math.inf, math.inf), (math.nan, None)])
def test_one_violated_case_refutes_it_and_is_named(error, shown):
    judged = judge_exact(12, 3e-8, 1e-6, violated=error, case="x=0")
    assert (judged.verdict, judged.reason, judged.median) == ("REFUTED", "counterexample confirmed", shown)
    assert (judged.reach, judged.short, judged.count) == (12, 1, 13)
    assert judged.note.endswith("x=0")


@pytest.mark.parametrize(
    ("violations", "error", "word"),
    [(0, 1e-6, "SUPPORTED"), (0, 2e-6, "REFUTED"), (0, None, "REFUTED"), (1, 1e-9, "REFUTED")],
)
def test_the_word_follows_from_the_largest_error(violations, error, word):
    assert exact_word(violations, error, 1e-6) == word


def test_what_was_never_tried_is_not_judged():
    with pytest.raises(InvalidValue, match=r"^cases: expected at least one case"):
        judge_exact(0, 0.0, 1e-6)
