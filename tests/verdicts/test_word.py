"""The word of a row about most VAEs: every verdict by planted truth, and tries to fool it."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.errors import InvalidValue
from study.verdicts.counting import allowed
from study.verdicts.judgement import InContext, More, Rule, Sample
from study.verdicts.word import context_alpha, judge_most, sides

SAID = st.lists(st.integers(0, 8), min_size=1, max_size=6)


def word(samples, rule, replicas=8):
    judged, _ = judge_most(samples, rule, replicas)
    return judged.verdict.value, judged.reason.value


@pytest.mark.parametrize(
    ("reaching", "expected"),
    [
        ((8, 5, 5), ("SUPPORTED", "")),  # 18 of 24, six may be otherwise
        ((7, 5, 5), ("INCONCLUSIVE", "too few replicas")),
        ((3, 3, 0), ("REFUTED", "")),
        ((3, 3, 1), ("INCONCLUSIVE", "too few replicas")),
        ((8, 4, 0), ("MIXED", "")),
        ((8, 8, 0), ("MIXED", "")),  # though 16 of 24 reach it
        ((8, 8, 1), ("INCONCLUSIVE", "too few replicas")),
        ((8,), ("SUPPORTED", "")),
    ],
)
def test_a_planted_count_gets_its_word(shares, rule, reaching, expected):
    judged, _ = judge_most(shares(*reaching), rule(), 8)
    assert (judged.verdict, judged.reason) == expected
    assert (judged.reach, judged.short, judged.count) == (
        sum(reaching),
        8 * len(reaching) - sum(reaching),
        8 * len(reaching),
    )
    assert judged.allowed == allowed(judged.count, 0.025)


@given(SAID, st.sampled_from([8, 16, 32]), st.integers(1, 24))
def test_the_word_follows_from_the_counts_alone(shares, rule, reaching, of, declared):
    reaching = [n * of // 8 for n in reaching]
    judged, _ = judge_most(shares(*reaching, of=of), rule(declared=declared, looks=(of,)), of)
    n, reach = of * len(reaching), sum(reaching)
    k, own = allowed(n, 0.05 / declared), allowed(of, context_alpha(len(reaching)))
    contradiction = max(reaching) >= of - own and min(reaching) <= own
    expected = "SUPPORTED" if n - reach <= k else "REFUTED" if reach <= k else "INCONCLUSIVE"
    assert judged.verdict == ("MIXED" if contradiction else expected)
    assert (judged.verdict == "SUPPORTED") <= (judged.low >= 0)
    assert (judged.verdict == "REFUTED") <= (judged.high < 0)


@given(SAID, st.permutations(range(8)))
def test_neither_order_nor_names_of_contexts_matter(shares, rule, reaching, order):
    samples = shares(*reaching)
    moved = [samples[i] for i in order if i < len(samples)]
    renamed = [Sample(f"other {one.context}", one.low, one.high) for one in moved]
    assert word(samples, rule()) == word(renamed, rule())


@given(st.lists(st.floats(-5, 5), min_size=8, max_size=8), st.floats(-3, 3))
def test_only_the_order_of_numbers_and_threshold_matters(sample, values, threshold):
    """Skewed or not: an increasing map changes no word."""
    values = np.round(values, 3)
    threshold = round(threshold, 3)
    plain = judge_most([sample("a", values)], Rule(threshold=threshold, looks=(8,)), 8)[0]
    skewed = judge_most([sample("a", np.expm1(values))], Rule(threshold=float(np.expm1(threshold)), looks=(8,)), 8)[0]
    assert (plain.verdict, plain.reach, plain.short) == (skewed.verdict, skewed.reach, skewed.short)


def test_contexts_beyond_three_must_contradict_more_clearly():
    assert [context_alpha(c) for c in (1, 2, 3)] == [1 / 256] * 3
    assert context_alpha(5) == 1 / 512
    assert sides([8, 0, 4], [0, 8, 4], (8, 8, 8), 0.01) == 2
    assert sides([8, 0, 4, 4, 4], [0, 8, 4, 4, 4], (8,) * 5, 0.01) == 0  # all eight are not enough there
    assert sides([16, 0, 8, 8, 8], [0, 16, 8, 8, 8], (16,) * 5, 0.01) == 2


def test_mixed_names_what_contradicts_what(shares, rule):
    judged, more = judge_most(shares(8, 4, 0), rule(), 8)
    assert (judged.note, more) == ("holds in a, fails in c", None)
    assert [one.verdict for one in judged.contexts] == ["SUPPORTED", "INCONCLUSIVE", "REFUTED"]
    assert judged.holds_in == 1


def test_each_context_says_what_it_says_by_itself(sample, rule):
    judged, _ = judge_most([sample("a", np.arange(8)), sample("b", np.arange(8) - 2, 1.0), sample("c")], rule(), 8)
    assert judged.contexts == (
        InContext(context="a", replicas=8, reach=8, short=0, median=3.5, verdict="SUPPORTED", applicable=True),
        InContext(context="b", replicas=8, reach=5, short=2, median=1.5, verdict="INCONCLUSIVE", applicable=True),
        InContext(context="c", replicas=0, reach=0, short=0, median=None, verdict="", applicable=False),
    )
    assert judged.note == "not applicable in 1 of 3 contexts"
    assert (judged.count, judged.median) == (16, 2.5)


# Closer words of a refuted claim.


@pytest.mark.parametrize(
    ("values", "width", "zero", "reason"),
    [
        (0.02, 0.0, 0.0, "negligible"),
        (-0.02, 0.0, 0.0, "negligible"),
        (-0.2, 0.0, 0.0, "opposite"),
        (-0.1, 0.0, 0.0, "opposite"),  # as large as the threshold is not negligible
        (-0.2, 0.0, None, ""),
        (-0.05, 0.2, 0.0, "short of it"),  # from −0.15 to 0.05: neither most below zero nor most within
        (-0.15, 0.1, 0.0, "opposite"),
        (0.05, 0.02, 0.0, "negligible"),
        (-math.inf, 0.0, 0.0, "opposite"),
    ],
)
def test_a_refuted_claim_says_how(sample, rule, values, width, zero, reason):
    samples = [sample(name, np.full(8, values), width) for name in "abc"]
    assert word(samples, rule(0.1, zero=zero)) == ("REFUTED", reason)


def test_effects_of_both_signs_are_neither_negligible_nor_opposite(sample, rule):
    samples = [sample(name, [-0.5] * 4 + [0.05] * 4) for name in "abc"]
    assert word(samples, rule(0.1, zero=0.0)) == ("REFUTED", "short of it")


def test_no_effect_may_lie_elsewhere(sample, rule):
    """Accuracy ½, ratio 1: 0.51 is a negligible accuracy, 0.3 an opposite one, and a ratio of 1.3 short of 1.5."""
    for threshold, zero, value, reason in (
        (0.55, 0.5, 0.51, "negligible"), (0.55, 0.5, 0.3, "opposite"), (1.5, 1.0, 1.3, "negligible"),
        (0.9, 1.0, 0.85, "opposite"),
    ):  # fmt: skip
        assert word([sample(name, np.full(8, value)) for name in "abc"], rule(threshold, zero=zero)) == (
            "REFUTED",
            reason,
        )


# Why nothing is decided, and what more it takes.


def test_looks_buy_replicas_until_the_last_one(shares, rule):
    long = rule(looks=(8, 16, 32))
    asked = [judge_most(shares(*[of // 2] * 3, of=of), long, of)[1] for of in (8, 16, 32)]
    assert asked == [More(16), More(32), None]
    for decided in (shares(8, 8, 8), shares(0, 0, 0), shares(8, 8, 0)):
        assert judge_most(decided, long, 8)[1] is None


def test_brackets_that_no_number_of_seeds_can_decide_are_floor_bound(sample, rule):
    def found(wide, of=8):
        values = [np.where(np.arange(of) < wide, 0.0, 1.0) for _ in "abc"]
        samples = [Sample(name, v - (v == 0), v + (v == 0)) for name, v in zip("abc", values, strict=True)]
        return judge_most(samples, rule(declared=3), of)

    # Of 48 at the last look 15 may be otherwise; of 24 five.
    assert [found(wide)[0].verdict for wide in (0, 1)] == ["SUPPORTED", "SUPPORTED"]
    assert (found(2)[0].reason, found(2)[1]) == ("too few replicas", More(16))
    assert (found(3)[0].reason, found(3)[1]) == ("floor-bound", None)
    assert (found(8)[0].reason, found(8)[1]) == ("floor-bound", None)
    assert found(8)[0].median == 0.0


def test_a_row_needs_half_of_its_contexts(sample, shares, rule):
    nothing = [sample(name) for name in ("x", "y", "z")]
    assert word(shares(8, 8, 8) + nothing, rule()) == ("SUPPORTED", "")
    assert word(shares(8, 8) + nothing, rule()) == ("INCONCLUSIVE", "not applicable")
    assert judge_most(nothing, rule(), 8)[0].reason == "not applicable"
    assert judge_most(shares(8, 8) + nothing, rule(), 8)[1] is None


def test_a_number_that_is_missing_counts_for_neither_word(sample, rule):
    """Contexts weigh equally: one that lost replicas is not outvoted, nor is its word said by the others."""
    samples = [sample("a", np.ones(8)), sample("b", np.ones(8)), sample("c", np.ones(3), diverged=5)]
    judged, _ = judge_most(samples, rule(), 8)
    assert (judged.verdict, judged.reach, judged.count, judged.diverged) == ("SUPPORTED", 19, 24, 5)
    assert judged.note == "5 replicas diverged"
    judged, more = judge_most([*samples[:2], sample("c", [], diverged=8)], rule(declared=2), 8)
    assert (judged.verdict, judged.reason, judged.count, more) == ("INCONCLUSIVE", "diverged", 24, None)
    assert word([sample(name, [], diverged=8) for name in "abc"], rule()) == ("INCONCLUSIVE", "diverged")
    # Somebody's model with fewer replicas than another's has not diverged.
    judged, _ = judge_most([samples[0], sample("c", np.ones(1))], rule(declared=2), 8)
    assert (judged.reason, judged.count) == ("too few replicas", 16)
    # Where all lost as many, the count is of those that are left.
    judged, _ = judge_most([sample(name, np.ones(6), diverged=2) for name in "abc"], rule(), 8)
    assert (judged.verdict, judged.count) == ("SUPPORTED", 18)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=1, max_size=4))
def test_a_replica_that_diverged_never_makes_a_word(sample, rule, found):
    """Whatever the missing numbers are, they could have been the ones that are counted for the word."""
    samples, whole = [], []
    for name, (kept, reach) in zip("abcd", found, strict=False):
        values = np.where(np.arange(kept) < reach, 1.0, -1.0)
        samples.append(sample(name, values, diverged=8 - kept))
        whole.append(values)
    if max(kept for kept, _ in found) < 8:
        return  # all contexts lost some
    verdict, _ = word(samples, rule())
    if verdict in ("SUPPORTED", "REFUTED"):
        worst = 1.0 if verdict == "REFUTED" else -1.0
        full = [sample(name, np.append(v, np.full(8 - v.size, worst))) for name, v in zip("abcd", whole, strict=False)]
        assert word(full, rule())[0] in (verdict, "MIXED")


def test_too_few_numbers_say_so(shares, rule):
    judged, _ = judge_most(shares(1, 1, of=1), rule(looks=(1,)), 1)
    assert (judged.verdict, judged.reason, judged.allowed) == ("INCONCLUSIVE", "too few replicas", -1)
    assert (judged.low, judged.high, judged.level) == (-math.inf, math.inf, 1.0)


# Tries to fool it: contradicting contexts, one replica in ten gone wrong, and a word that is not true.


def test_a_mean_that_hides_contradicting_contexts_does_not_fool_it(sample, rule):
    """Two contexts a little below, one far above: the mean is high above the threshold, most VAEs are not."""
    samples = [sample("a", np.full(8, -0.1)), sample("b", np.full(8, -0.1)), sample("c", np.full(8, 9.0))]
    assert np.mean([one.low.mean() for one in samples]) > 2
    assert word(samples, rule()) == ("MIXED", "")


def test_one_replica_in_ten_gone_wrong_does_not_fool_it(rule):
    """Nine in ten reach the threshold, and their mean is far below it: SUPPORTED, and never REFUTED."""
    rng = np.random.default_rng(5)
    words = []
    for _ in range(200):
        values = np.where(rng.random((3, 16)) < 0.1, -10.0, rng.normal(1.5, 0.5, (3, 16)))
        samples = [Sample(name, one, one) for name, one in zip("abc", values, strict=True)]
        words.append(word(samples, rule(declared=7), 16)[0])
    assert words.count("SUPPORTED") >= 195
    assert "REFUTED" not in words


def test_the_word_is_true_of_what_was_measured(rule):
    """Every study of three contexts whose shares average ½ or less: SUPPORTED at most as often as the level says.

    Exactly, by summing over all counts of 3 × 8 seeds, one look; MIXED counts as no SUPPORTED.
    """
    from scipy.stats import binom

    counts = np.arange(9)
    grid = np.array(list(itertools.product(counts, repeat=3)))
    said = sides(grid, 8 - grid, (8, 8, 8), 0.025)
    for shares in ((0.5, 0.5, 0.5), (0.9, 0.5, 0.1), (0.75, 0.75, 0.0), (1.0, 0.25, 0.25), (0.6, 0.5, 0.4)):
        p = np.prod([binom.pmf(grid[:, i], 8, share) for i, share in enumerate(shares)], axis=0)
        assert p[said == 1].sum() <= 0.025
    p = np.prod([binom.pmf(grid[:, i], 8, 0.5) for i in range(3)], axis=0)
    assert p[said == 2].sum() <= 2 / 256  # no context contradicts another: (C − 1) / 256
    # The worst case: one context at ½, the others on one side.
    p = np.prod([binom.pmf(grid[:, i], 8, share) for i, share in enumerate((1.0, 1.0, 0.5))], axis=0)
    assert p[said == 2].sum() == pytest.approx(1 / 256)


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda sample: judge_most([], Rule(threshold=0.0, looks=(8,)), 8), "samples"),
        (lambda sample: judge_most([sample("a", [1.0])] * 2, Rule(threshold=0.0, looks=(8,)), 8), "samples"),
        (lambda sample: Rule(threshold=math.nan), "threshold"),
        (lambda sample: sample("a", [math.nan]), "low, high"),
        (lambda sample: Sample("a", np.ones(2), np.ones(3)), "low, high"),
    ],
)
def test_what_cannot_be_judged_is_refused(sample, call, argument):
    with pytest.raises(InvalidValue, match=f"^{argument}: expected"):
        call(sample)


def test_crossed_ends_are_put_in_order():
    crossed = Sample("a", np.array([1.0, 0.0]), np.array([0.5, 2.0]))
    assert (crossed.low.tolist(), crossed.high.tolist()) == ([0.5, 0.0], [1.0, 2.0])
