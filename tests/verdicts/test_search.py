"""Searches: what a candidate is, and that fresh seeds confirm it."""

from __future__ import annotations

import numpy as np
import pytest

from study.verdicts.judgement import More
from study.verdicts.search import decided_against, judge_search

HOLDS, FAILS = np.ones(8), -np.ones(8)


@pytest.fixture
def examined(sample):
    """VAEs of growing size, by what they do."""

    def make(**values):
        return [sample(name, one, size=10 * (i + 1)) for i, (name, one) in enumerate(values.items())]

    return make


@pytest.mark.parametrize(("above", "of", "candidate"), [(0, 8, True), (1, 8, False), (2, 16, True), (0, 4, False)])
def test_a_candidate_is_decided_against_by_itself(sample, above, of, candidate):
    assert decided_against(sample("a", np.where(np.arange(of) < above, 9.0, -1.0)), 0.0) == candidate


def test_a_low_mean_is_no_candidate(sample):
    assert not decided_against(sample("a", [-100.0] * 7 + [1.0]), 0.0)


def test_a_search_that_finds_nothing_decides_nothing(examined, rule):
    judged, more = judge_search(examined(small=HOLDS, large=HOLDS), rule(), 8)
    assert (judged.verdict, judged.reason, more) == ("INCONCLUSIVE", "no counterexample found", None)
    assert (judged.note, judged.reach, judged.count, judged.median) == ("none of 2 VAEs examined fails", 2, 2, None)


@pytest.mark.parametrize(
    ("small", "large", "verdict", "reported", "confirmed"),
    [
        (-1, -2, "REFUTED", "small (10", 2),
        (1, -2, "REFUTED", "large (30", 1),  # what failed by chance is not what is reported
        (1, 1, "INCONCLUSIVE", "small (10", 0),
    ],
)
def test_every_candidate_is_put_to_fresh_seeds(examined, sample, rule, small, large, verdict, reported, confirmed):
    found = examined(small=FAILS, passes=HOLDS, large=FAILS)
    judged, more = judge_search(found, rule(), 8)
    assert (judged.verdict, more) == ("INCONCLUSIVE", More(8, fresh_for=frozenset({"small", "large"})))
    fresh = {"small": sample("small", np.full(16, small)), "large": sample("large", np.full(16, large))}
    judged, more = judge_search(found, rule(), 8, fresh)
    assert (judged.verdict, judged.short, judged.count, more) == (verdict, confirmed, 3, None)
    assert judged.note.startswith(f"smallest found of 3 VAEs examined: {reported} parameters)")
    assert judged.note.endswith(f"on fresh seeds {confirmed} of 2 candidates confirmed")
    assert judged.median == fresh[reported.split()[0]].low[0]  # of the fresh seeds, which selection has not biased


def test_sixteen_fresh_seeds_confirm_if_all_but_two_fall_short(examined, sample, rule):
    for above, verdict in ((2, "REFUTED"), (3, "INCONCLUSIVE")):
        fresh = {"a": sample("a", np.where(np.arange(16) < above, 1.0, -1.0))}
        judged, _ = judge_search(examined(a=FAILS), rule(), 8, fresh)
        assert judged.verdict == verdict
        assert (judged.reason == "counterexample not confirmed") == (verdict == "INCONCLUSIVE")


def test_nothing_examined_is_nothing_found(rule):
    assert judge_search([], rule(), 8)[0].reason == "no counterexample found"
