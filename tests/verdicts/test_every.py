"""Claims of every VAE: counterexamples that fresh seeds confirm, and looks at what is undecided alone."""

from __future__ import annotations

import numpy as np
import pytest

from study.errors import InvalidValue
from study.verdicts.every import judge_every
from study.verdicts.judgement import More

HOLDS, FAILS, OPEN = np.ones(8), -np.ones(8), np.tile([1.0, -1.0], 4)


@pytest.fixture
def judge(sample, rule):
    """Judge contexts by their values, after what fresh seeds said."""

    def run(replicas=8, fresh=None, looks=(8, 16), **contexts):
        found = [one if hasattr(one, "low") else sample(name, one) for name, one in contexts.items()]
        confirming = {name: sample(name, values) for name, values in (fresh or {}).items()}
        # Many declared rows take nothing from a claim of every VAE.
        return judge_every(found, rule(looks=looks, declared=100), replicas, confirming)

    return run


def test_every_listed_context_must_hold(judge):
    judged, more = judge(a=HOLDS, b=HOLDS + 1, c=HOLDS)
    assert (judged.verdict, judged.reason, judged.note, more) == ("SUPPORTED", "", "in all 3 listed", None)
    assert (judged.reach, judged.short, judged.count, judged.holds_in) == (3, 0, 3, 3)
    assert (judged.median, judged.low) == (1, 1)  # of the lowest context
    judged, more = judge(a=HOLDS, b=OPEN, c=HOLDS)
    assert (judged.verdict, judged.reason, judged.note) == ("INCONCLUSIVE", "too few replicas", "undecided: b")
    assert more == More(16, frozenset("b"))


def test_a_context_is_decided_at_one_level_at_every_look(judge):
    for of, otherwise in ((8, 0), (16, 2), (32, 8)):
        few, many = (np.where(np.arange(of) < n, -1.0, 1.0) for n in (otherwise, otherwise + 1))
        assert judge(of, a=few)[0].verdict == "SUPPORTED"
        assert judge(of, a=many)[0].verdict == "INCONCLUSIVE"


def test_a_counterexample_counts_once_fresh_seeds_confirm_it(judge):
    judged, more = judge(a=HOLDS, b=FAILS, c=FAILS)
    assert (judged.verdict, more) == ("INCONCLUSIVE", More(8, fresh_for=frozenset("bc")))
    nearly = np.where(np.arange(16) < 2, 1.0, -3.0)
    judged, more = judge(a=HOLDS, b=FAILS, c=FAILS, fresh={"b": np.ones(16), "c": nearly})
    assert (judged.verdict, judged.reason, more) == ("REFUTED", "counterexample confirmed", None)
    assert (judged.note, judged.median, judged.short) == ("fails on fresh seeds, too: c", -3.0, 1)
    judged, more = judge(a=HOLDS, b=FAILS, fresh={"b": np.where(np.arange(16) < 3, 1.0, -3.0)})
    assert (judged.verdict, judged.reason) == ("INCONCLUSIVE", "counterexample not confirmed")
    assert more == More(16, frozenset("b"))


def test_what_fresh_seeds_did_not_confirm_is_not_asked_of_them_again(judge):
    fresh = {"b": np.ones(16)}
    judged, more = judge(16, fresh, a=HOLDS, b=np.full(16, -1.0))
    assert (judged.reason, more) == ("counterexample not confirmed", None)
    assert judged.note == "below, not so on fresh seeds: b"
    judged, more = judge(16, fresh, a=HOLDS, b=np.full(16, -1.0), c=np.full(16, -1.0))
    assert more == More(16, fresh_for=frozenset("c"))


def test_a_second_look_may_decide_what_the_first_left_open(judge):
    """A candidate that was not confirmed may hold after all, with other replicas than its own."""
    judged, more = judge(32, {"b": np.ones(16)}, (8, 16, 32), a=HOLDS, b=np.append(FAILS, np.ones(24)))
    assert (judged.verdict, more) == ("SUPPORTED", None)


def test_floor_bound_contexts_are_not_looked_at_again(judge, sample):
    bound = sample("b", np.zeros(8), 2.0)
    judged, more = judge(a=HOLDS, b=bound)
    assert (judged.reason, more) == ("floor-bound", None)
    judged, more = judge(a=OPEN, b=bound)
    assert (judged.reason, more) == ("too few replicas", More(16, frozenset("a")))


def test_contexts_that_it_says_nothing_about_are_left_out_and_half_must_be_left(judge, sample):
    nothing = {"x": sample("x"), "y": sample("y")}
    judged, _ = judge(a=HOLDS, b=HOLDS, **nothing)
    assert (judged.verdict, judged.count) == ("SUPPORTED", 2)
    assert judged.note == "in all 2 listed; not applicable in 2 of 4 contexts"
    assert judge(a=HOLDS, **nothing)[0].reason == "not applicable"
    assert judge(**nothing)[0].reason == "not applicable"
    # But a confirmed counterexample is one.
    assert judge(fresh={"a": np.full(16, -1.0)}, a=FAILS, **nothing)[0].verdict == "REFUTED"


def test_a_context_without_any_replica_left_is_not_taken_for_one_that_holds(judge, sample):
    judged, more = judge(a=HOLDS, b=sample("b", diverged=8))
    assert (judged.verdict, judged.reason, judged.diverged, more) == ("INCONCLUSIVE", "diverged", 8, None)


def test_false_words_are_rare(sample, rule):
    """At the threshold itself: SUPPORTED at most once in 256 a look, REFUTED at most 27 times in 256 × 480."""
    rng = np.random.default_rng(4)
    words = []
    for _ in range(300):
        found = [sample(str(i), rng.normal(size=8)) for i in range(27)]
        judged, more = judge_every(found, rule(), 8)
        if more and more.fresh_for:
            fresh = {name: sample(name, rng.normal(size=16)) for name in more.fresh_for}
            judged, _ = judge_every(found, rule(), 8, fresh)
        words.append(judged.verdict)
    assert set(words) == {"INCONCLUSIVE"}


def test_what_cannot_be_judged_is_refused(sample, rule):
    with pytest.raises(InvalidValue, match=r"^samples: expected"):
        judge_every([], rule(), 8)
