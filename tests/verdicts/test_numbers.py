"""Anybody's numbers: every form in which they come, what is printed, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

import study
from study.errors import InvalidValue

SEEDS = np.linspace(0.1, 1.0, 24)


def test_one_number_a_seed_is_judged_and_printed():
    found = study.judge(SEEDS, 0.25)
    assert (found.word, found.reach, found.count, found.allowed) == ("SUPPORTED", 20, 24, 7)
    assert found.interval == (found.low, found.high)
    assert found.low >= 0.25
    assert 0.5 < found.share[0] < 20 / 24 < found.share[1]
    text = str(found)
    assert text.startswith("SUPPORTED: 20 of 24 reach 0.25, 4 fall short (at most 7 may be otherwise)\nmedian 0.55, ")
    assert "contexts" not in text


def test_contexts_come_as_a_mapping_a_list_or_an_array():
    rows = SEEDS.reshape(3, 8)
    forms = {"a": rows[0], "b": list(rows[1]), "c": tuple(rows[2])}, list(rows), rows, rows.tolist()
    assert {study.judge(form, 0.375).word for form in forms} == {"MIXED"}
    last = str(study.judge(forms[0], 0.375)).splitlines()[-4:]
    assert last == [
        "holds in 2 of 3 contexts, at 5 %",
        "  a: 0 of 8, REFUTED",
        "  b: 8 of 8, SUPPORTED",
        "  c: 8 of 8, SUPPORTED",
    ]


def test_a_closer_word_needs_the_value_of_no_effect():
    assert study.judge(SEEDS, 9.0).word == "REFUTED"
    assert study.judge(SEEDS, 9.0, zero=0.0).word == "REFUTED (negligible)"
    assert study.judge(-SEEDS, 0.01, zero=0.0).word == "REFUTED (opposite)"


def test_a_smaller_level_decides_less():
    assert study.judge(SEEDS, 0.3).word == "SUPPORTED"
    assert study.judge(SEEDS, 0.3, alpha=0.001).word == "INCONCLUSIVE (too few replicas)"


def test_too_few_numbers_are_inconclusive():
    found = study.judge([1.0, 2.0], 0.0)
    assert found.word == "INCONCLUSIVE (too few replicas)"
    assert found.interval == (-math.inf, math.inf)
    assert "too few to decide" in str(found)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([], r"^values: expected an array \(replica,\) of at least one number"),
        ({}, "^values: expected at least one number"),
        ([1.0, math.nan], r"^values: expected numbers.*received 'NaN at \[1\]'"),
        ({"a": [1.0], "b": [math.nan]}, "^b: expected numbers"),
        ({"a": [1.0], "b": [1.0, 2.0]}, "^values: expected as many numbers in each context"),
        (["x", "y"], "^values: expected numbers"),
        (3.0, r"^values: expected an array \(replica,\)"),
        (np.ones((2, 2, 2)), r"^context 0: expected an array \(replica,\)"),
    ],
)
def test_what_is_no_number_a_seed_is_refused_in_one_line(values, said):
    with pytest.raises(InvalidValue, match=said):
        study.judge(values, 0.0)


def test_a_threshold_is_a_number():
    with pytest.raises(InvalidValue, match=r"^threshold: expected a finite number"):
        study.judge(SEEDS, math.inf)
