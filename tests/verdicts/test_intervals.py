"""Intervals: closed forms, degenerate samples, and coverage by simulation with planted truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from study.errors import InvalidValue
from study.verdicts.intervals import clopper_pearson, welch, welch_p

values = st.floats(-100, 100, allow_subnormal=False)
samples = st.lists(st.lists(values, min_size=2, max_size=9), min_size=1, max_size=4)
levels = st.floats(0.5, 0.999)


@given(st.lists(values, min_size=2, max_size=20).filter(lambda x: np.ptp(x) > 1e-3), levels)
def test_one_context_is_students_interval(sample, level):
    expected = stats.ttest_1samp(sample, 0).confidence_interval(level)
    got = welch([sample], level)
    assert (got.low, got.high) == pytest.approx(tuple(expected), rel=1e-7, abs=1e-7)
    assert got.df == pytest.approx(len(sample) - 1)


def test_two_contexts_are_welchs_test_of_a_sum():
    """Mean of a and b = half the difference of a and −b, whose test SciPy knows."""
    a, b = np.array([1.0, 2.0, 4.0, 8.5]), np.array([0.3, 0.1, -0.7])
    expected = stats.ttest_ind(a, -b, equal_var=False).confidence_interval(0.9)
    got = welch([a, b], 0.9)
    assert (2 * got.low, 2 * got.high) == pytest.approx(tuple(expected))
    p = stats.ttest_ind(a, -b, equal_var=False, alternative="greater").pvalue
    assert welch_p([a, b], 0.0) == pytest.approx((p, 1 - p))


@given(samples, levels, values)
def test_p_values_and_interval_decide_alike(contexts, level, threshold):
    interval, (supported, refuted) = welch(contexts, level), welch_p(contexts, threshold)
    assert supported + refuted == pytest.approx(1)
    tail, slack = (1 - level) / 2, 1e-6
    if interval.low > threshold + slack:
        assert supported <= tail + slack
    if interval.high < threshold - slack:
        assert refuted <= tail + slack
    if interval.low < threshold - slack < threshold + slack < interval.high:
        assert min(supported, refuted) >= tail - slack


@given(samples, levels, st.floats(-5, 5), st.floats(0.1, 10))
def test_interval_moves_with_its_samples(contexts, level, shift, scale):
    base = welch(contexts, level)
    moved = welch([scale * np.array(sample) + shift for sample in contexts], level)
    # Rounding of constants, magnified by the heavy tail of one degree of freedom.
    assert (moved.low, moved.high) == pytest.approx((scale * base.low + shift, scale * base.high + shift), abs=1e-6)


@pytest.mark.parametrize("value", [0.1, 0.3, 1 / 3, -7e-9])
def test_constants_have_no_width_and_meet_their_own_threshold(value):
    interval = welch([np.full(8, value), np.full(7, value)], 0.95)
    assert (interval.estimate, interval.low, interval.high, interval.df) == (value, value, value, math.inf)
    assert welch_p([np.full(8, value)] * 3, value) == (0.0, 1.0)
    assert welch_p([np.full(8, value)], np.nextafter(value, 1)) == (1.0, 0.0)


def test_tiny_variances_keep_their_degrees_of_freedom():
    sample = 1e-120 * np.arange(8.0)
    assert welch([sample], 0.95).df == pytest.approx(7)


@pytest.mark.parametrize("spread", [(1.0,), (1.0, 1.0, 1.0), (0.01, 1.0, 10.0)], ids=["one", "equal", "unequal"])
def test_coverage(spread):
    """Both ends of the 95 % interval err at their nominal 2.5 %.

    4,000 runs have a Monte-Carlo error of 0.25 points; the check allows 1 point, four of them, so that a right
    interval fails with probability < 1e-3 over the three cases, and one that errs at 4.5 % an end passes with < 1 %.
    """
    rng = np.random.default_rng(20)
    truth = np.arange(len(spread), dtype=float)
    scale = np.array(spread)
    intervals = [welch(list(rng.normal(truth, scale, (8, len(scale))).T), 0.95) for _ in range(4000)]
    above = np.mean([interval.low > truth.mean() for interval in intervals])
    below = np.mean([interval.high < truth.mean() for interval in intervals])
    assert (above, below) == pytest.approx((0.025, 0.025), abs=0.01)
    # The check can fail: the normal quantile in place of Student's misses more than that.
    if len(spread) == 1:
        normal = np.mean([i.estimate - (i.estimate - i.low) * 1.96 / 2.3646 > truth.mean() for i in intervals])
        assert normal > 0.035


@given(st.integers(1, 60), st.data())
def test_clopper_pearson_agrees_with_scipy(n, data):
    failures = data.draw(st.integers(0, n))
    expected = stats.binomtest(failures, n).proportion_ci(0.9, method="exact")
    assert clopper_pearson(failures, n, 0.9) == pytest.approx(tuple(expected))


def test_no_failure_leaves_the_rule_of_three():
    assert clopper_pearson(0, 12, 0.9)[1] == pytest.approx(1 - 0.05 ** (1 / 12))


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: welch([], 0.95), "samples"),
        (lambda: welch([[1.0]], 0.95), "samples"),
        (lambda: welch([[1.0, math.nan]], 0.95), "samples"),
        (lambda: welch([[[1.0, 2.0]]], 0.95), "samples"),
        (lambda: welch([[1.0, 2.0]], 1.0), "level"),
        (lambda: clopper_pearson(3, 2, 0.95), "failures"),
        (lambda: clopper_pearson(0, 0, 0.95), "n"),
        (lambda: clopper_pearson(0, 2, 95), "level"),
    ],
)
def test_refusals_name_the_argument(call, argument):
    with pytest.raises(InvalidValue, match=f"^{argument}: expected"):
        call()
