"""The verdict rule: what it says of planted truths, and how often it errs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.errors import InvalidValue
from study.verdicts.intervals import clopper_pearson
from study.verdicts.rule import ContextSample, Reason, Verdict, candidates, judge_mean, judge_universal

S, R, I = Verdict  # noqa: E741
RUNS = 2000


def exact(context, values, unconverged=0):
    return ContextSample(context, np.asarray(values, float), np.asarray(values, float), unconverged)


def bracket(context, low, high, unconverged=0):
    return ContextSample(context, np.asarray(low, float), np.asarray(high, float), unconverged)


def planted(rng, means, scales, replicas=8):
    return [
        exact(f"c{i}", rng.normal(mean, scale, replicas))
        for i, (mean, scale) in enumerate(zip(means, scales, strict=True))
    ]


def around(value, width=0.01, n=8):
    """A sample whose mean is ``value``, with a little spread."""
    return value + width * np.linspace(-1, 1, n)


# --- one mean over contexts ---


@pytest.mark.parametrize(
    ("low", "high", "verdict", "reason"),
    [
        (1.2, 1.2, S, Reason.NONE),
        (0.8, 0.8, R, Reason.NONE),
        (1.0, 1.0, I, Reason.TOO_FEW_REPLICAS),
        (1.2, 9.0, S, Reason.NONE),
        (0.0, 0.8, R, Reason.NONE),
        (0.0, 9.0, I, Reason.FLOOR_BOUND),
        (1.001, 9.0, I, Reason.TOO_FEW_REPLICAS),
    ],
)
def test_planted_means(low, high, verdict, reason):
    judgement = judge_mean([bracket("a", around(low), around(high))], threshold=1.0, alpha=0.05)
    assert (judgement.verdict, judgement.reason) == (verdict, reason)
    assert judgement.estimate == pytest.approx((low + high) / 2)
    assert judgement.low < low
    assert judgement.high > high


def test_an_exact_prior_at_a_high_rate_is_floor_bound_never_refuted():
    """KL(q(z) ‖ p) = 0 ≤ 0.1, as "0.1 − KL ≥ 0"; 360 held-out components leave the upper bound at 4 nats."""
    kl = bracket("rate 10", around(0.1 - 4.1), around(0.1 - 0.0, 0.0))
    for replicas in (2, 8):
        sample = bracket("rate 10", kl.low[:replicas], kl.high[:replicas])
        judgement = judge_mean([sample], threshold=0.0, alpha=0.05)
        assert (judgement.verdict, judgement.reason) == (I, Reason.FLOOR_BOUND)


def test_constants_at_the_threshold_are_supported():
    judgement = judge_mean([exact("a", np.full(8, 0.1)), exact("b", np.full(8, 0.1))], threshold=0.1, alpha=0.05)
    assert (judgement.verdict, judgement.p_supported, judgement.p_refuted) == (S, 0.0, 1.0)


def test_spread_is_shown_and_contexts_weigh_equally():
    judgement = judge_mean([exact("a", around(0.0, n=4)), exact("b", around(3.0, n=16))], threshold=1.0, alpha=0.05)
    assert judgement.estimate == pytest.approx(1.5)
    assert judgement.spread == pytest.approx({"a": 0.0, "b": 3.0})
    assert (judgement.contexts, judgement.replicas, judgement.level) == (2, 4, 0.95)


@pytest.mark.parametrize("judge", [judge_mean, judge_universal])
@pytest.mark.parametrize(
    ("sample", "reason"),
    [
        (exact("b", [5.0], unconverged=7), Reason.NOT_CONVERGED),
        (exact("b", [], unconverged=8), Reason.NOT_CONVERGED),
        (exact("b", [5.0]), Reason.TOO_FEW_REPLICAS),
    ],
)
def test_a_context_without_enough_replicas_decides_nothing(judge, sample, reason):
    judgement = judge([exact("a", around(9.0)), sample], threshold=1.0, alpha=0.05)
    assert (judgement.verdict, judgement.reason, judgement.p_supported) == (I, reason, None)
    assert judgement.unconverged == sample.unconverged
    assert judgement.spread["b"] == sample.estimate


@pytest.mark.parametrize("judge", [judge_mean, judge_universal])
def test_contexts_outside_the_claim_are_counted_but_not_judged(judge):
    judgement = judge([exact("a", around(9.0)), exact("b", [])], threshold=1.0, alpha=0.05)
    assert (judgement.verdict, judgement.contexts, judgement.replicas) == (S, 1, 8)
    assert "not applicable in 1 of 2 contexts" in judgement.note
    nothing = judge([exact("b", [])], threshold=1.0, alpha=0.05)
    assert (nothing.verdict, nothing.reason, nothing.estimate) == (I, Reason.NOT_APPLICABLE, None)


@given(
    st.lists(st.lists(st.floats(-9, 9), min_size=2, max_size=8), min_size=1, max_size=4),
    st.floats(0, 5),
    st.floats(-9, 9),
    st.floats(0.001, 0.3),
)
def test_widening_the_bracket_never_makes_a_verdict(values, width, threshold, alpha):
    names = [f"c{i}" for i in range(len(values))]
    points = judge_mean([exact(n, v) for n, v in zip(names, values, strict=True)], threshold=threshold, alpha=alpha)
    wide = [bracket(n, np.array(v) - width, np.array(v) + width) for n, v in zip(names, values, strict=True)]
    assert judge_mean(wide, threshold=threshold, alpha=alpha).verdict in (points.verdict, I)
    assert points.low <= points.estimate <= points.high


def test_crossed_ends_are_read_widely():
    sample = bracket("a", [1.0, 0.0], [0.5, 2.0])
    assert (sample.low.tolist(), sample.high.tolist()) == ([0.5, 0.0], [1.0, 2.0])


# --- every context ---


def test_universal_needs_every_context():
    good = [exact(f"c{i}", around(2.0 + i)) for i in range(12)]
    judgement = judge_universal(good, threshold=1.0, alpha=0.05)
    assert (judgement.verdict, judgement.estimate) == (S, pytest.approx(2.0))
    assert f"at most {clopper_pearson(0, 12, 0.9)[1]:.0%}" in judgement.note
    mixed = [*good, exact("weak", around(1.0))]
    judgement = judge_universal(mixed, threshold=1.0, alpha=0.05)
    assert (judgement.verdict, judgement.reason) == (I, Reason.TOO_FEW_REPLICAS)
    assert judgement.estimate == pytest.approx(1.0)
    assert judge_mean(mixed, threshold=1.0, alpha=0.05).verdict == S  # A mean hides the weak context.


def test_a_counterexample_needs_fresh_seeds():
    samples = [exact("good", around(2.0)), exact("bad", around(0.5)), exact("unlucky", around(0.9))]
    assert candidates(samples, 1.0, 0.05) == ["bad", "unlucky"]
    before = judge_universal(samples, threshold=1.0, alpha=0.05)
    assert (before.verdict, before.reason) == (I, Reason.TOO_FEW_REPLICAS)
    fresh = {"bad": exact("bad", around(0.6)), "unlucky": exact("unlucky", around(1.3))}
    after = judge_universal(samples, threshold=1.0, alpha=0.05, fresh=fresh)
    assert (after.verdict, after.reason) == (R, Reason.COUNTEREXAMPLE)
    assert after.estimate == pytest.approx(0.6)  # The fresh sample's, free of the selection.
    assert after.level == pytest.approx(1 - 2 * 0.05 / 2)
    assert after.high < 1.0
    assert "fresh seeds: bad; 1 of 2" in after.note
    alone = judge_universal(samples, threshold=1.0, alpha=0.05, fresh={"unlucky": fresh["unlucky"]})
    assert alone.verdict == I
    assert "not confirmed" in alone.note


def test_only_a_candidate_can_be_confirmed():
    samples = [exact("good", around(2.0))]
    fresh = {"good": exact("good", around(0.0))}
    assert judge_universal(samples, threshold=1.0, alpha=0.05, fresh=fresh).verdict == S


def test_universal_is_floor_bound_when_no_replica_can_help():
    good, floor = exact("good", around(2.0)), bracket("floor", around(0.0), around(3.0))
    judgement = judge_universal([good, floor], threshold=1.0, alpha=0.05)
    assert (judgement.verdict, judgement.reason) == (I, Reason.FLOOR_BOUND)
    weak = judge_universal([good, floor, exact("weak", around(1.0))], threshold=1.0, alpha=0.05)
    assert weak.reason == Reason.TOO_FEW_REPLICAS


# --- how often the rule errs: planted truth, RUNS simulated studies each ---


def exceeds(errors, nominal):
    """Whether an error count is incompatible with the nominal rate.

    The one-sided Clopper–Pearson bound at 1e-4: a rule that keeps its rate is flagged with probability ≤ 1e-4; one
    that errs at 5 % instead of 2.5 % passes with probability < 2 % (2,000 runs; Monte-Carlo error 0.35 points).
    """
    return clopper_pearson(errors, RUNS, 1 - 2e-4)[0] > nominal


def verdicts(judge, means, scales, seed, **kwargs):
    rng = np.random.default_rng(seed)
    return [judge(planted(rng, means, scales), threshold=1.0, **kwargs).verdict for _ in range(RUNS)]


@pytest.mark.parametrize(
    ("means", "scales"),
    [((1.0,), (1.0,)), ((0.5, 1.0, 1.5), (0.05, 0.3, 3.0))],
    ids=["one context", "unequal variances"],
)
def test_errors_of_the_mean_at_the_threshold(means, scales):
    """False SUPPORTED just below the threshold, and false REFUTED at it, are each ≤ alpha / 2 = 2.5 %."""
    got = verdicts(judge_mean, means, scales, seed=1, alpha=0.05)
    assert not exceeds(got.count(S), 0.025)
    assert not exceeds(got.count(R), 0.025)
    # The check can fail: a judge that spends 10 % and says 5 % is caught.
    loose = verdicts(judge_mean, means, scales, seed=1, alpha=0.12)
    assert exceeds(loose.count(S), 0.025)


def test_power_at_the_smallest_effect():
    """Eight replicas and an effect of 1.5 standard deviations: 95.1 % power by the noncentral t, within 3 points.

    Three points are six Monte-Carlo errors; of either verdict, so that the rule is symmetric.
    """
    for mean, verdict in ((2.5, S), (-0.5, R)):
        power = verdicts(judge_mean, (mean,), (1.0,), seed=2, alpha=0.05).count(verdict) / RUNS
        assert power == pytest.approx(0.951, abs=0.03)


def test_errors_of_universal_support():
    """One context at the threshold, the others far above: the worst case of an intersection-union test."""
    got = verdicts(judge_universal, (1.0, 9.0, 9.0), (1.0, 1.0, 0.1), seed=3, alpha=0.05)
    assert not exceeds(got.count(S), 0.025)
    assert got.count(S) > 0.01 * RUNS  # Not merely mute.


def test_errors_of_confirmation():
    """Every context at the threshold: candidates turn up by luck, and fresh seeds refute at most 5 % of studies.

    Without fresh seeds every study with a candidate would be refuted, which is far too many: the check can fail.
    """
    rng = np.random.default_rng(4)
    means, scales = np.ones(4), np.full(4, 0.2)
    refuted = lucky = 0
    for _ in range(RUNS):
        samples = planted(rng, means, scales)
        names = candidates(samples, 1.0, 0.2)
        lucky += bool(names)
        if names:
            fresh = {s.context: s for s in planted(rng, means, scales) if s.context in names}
            refuted += judge_universal(samples, threshold=1.0, alpha=0.2, fresh=fresh).verdict == R
    assert exceeds(lucky, 0.05)
    assert not exceeds(refuted, 0.05)
    assert refuted / lucky == pytest.approx(0.05, abs=0.03)


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: judge_mean([], threshold=1.0, alpha=0.05), "samples"),
        (lambda: judge_mean([exact("a", [1, 2])] * 2, threshold=1.0, alpha=0.05), "samples"),
        (lambda: judge_mean([exact("a", [1, 2])], threshold=np.nan, alpha=0.05), "threshold"),
        (lambda: judge_mean([exact("a", [1, 2])], threshold=1.0, alpha=0), "alpha"),
        (lambda: judge_universal([exact("a", [1, 2])], threshold=1.0, alpha=0.1, confirmation=5), "confirmation"),
        (lambda: exact("a", [1, np.nan]), "low, high"),
        (lambda: bracket("a", [1, 2], [1, 2, 3]), "low, high"),
    ],
)
def test_refusals_name_the_argument(call, argument):
    with pytest.raises(InvalidValue, match=f"^{argument}: expected"):
        call()
