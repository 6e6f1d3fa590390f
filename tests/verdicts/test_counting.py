"""Counting: against closed forms, and that count, interval and share say one thing whatever is counted."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from study.errors import InvalidValue
from study.verdicts.counting import Count, allowed, coverage, holds_in, interval, median, share, side

LEVELS = st.sampled_from([0.05, 0.025, 1 / 256, 0.05 / 24])
NUMBERS = st.sampled_from([-math.inf, -2.0, -0.5, 0.0, 0.25, 1.0, 1e9, math.inf])  # few, so that values are equal


@st.composite
def brackets(draw, least=1):
    ends = draw(st.lists(st.tuples(NUMBERS, NUMBERS).map(sorted), min_size=least, max_size=60))
    low, high = np.array(ends, dtype=float).reshape(-1, 2).T
    return low, high


def test_how_many_may_be_otherwise_is_what_the_protocol_says():
    assert [allowed(n, 1 / 256) for n in (8, 16, 32)] == [0, 2, 8]
    k = {24: {1: 6, 2: 6, 3: 5, 7: 5, 8: 4, 24: 4}, 48: {2: 15, 3: 15, 4: 14, 9: 14, 10: 13, 23: 13}}
    for n, by_rows in k.items():
        assert {rows: allowed(n, 0.05 / rows / 2) for rows in by_rows} == by_rows
    three_looks = {2: 35, 3: 35, 4: 34, 5: 34, 6: 33, 11: 33, 12: 32, 23: 32}
    assert {rows: allowed(96, 0.05 / rows / 3) for rows in three_looks} == three_looks
    assert (allowed(16, 0.05 / 10 / 2), allowed(8, 0.05 / 6 / 2), allowed(8, 0.05 / 7 / 2)) == (2, 0, -1)


@given(st.integers(0, 200), LEVELS)
def test_no_more_may_be_otherwise_than_the_level_allows(n, alpha):
    k = allowed(n, alpha)
    assert k < max(1, n / 2 - 0.5)  # where Hoeffding's bound holds
    if k >= 0:
        assert stats.binom.cdf(k, n, 0.5) <= alpha * (1 + 1e-9)
    assert stats.binom.cdf(k + 1, n, 0.5) > alpha


@given(st.lists(st.floats(0, 1), min_size=12, max_size=12), LEVELS)
def test_unequal_shares_err_no_more_than_equal_ones(shares, alpha):
    """Hoeffding 1956: of independent seeds whose shares average ½, all but k reach it with probability ≤ α."""
    shares = np.array(shares)
    shares = shares * 0.5 / shares.mean() if shares.mean() >= 0.5 else 1 - (1 - shares) * 0.5 / (1 - shares).mean()
    reaching = np.array([1.0])
    for one in shares:
        reaching = np.convolve(reaching, [1 - one, one])
    assert reaching[len(shares) - allowed(12, alpha) :].sum() <= alpha * (1 + 1e-6)


@given(brackets(), NUMBERS.filter(math.isfinite), LEVELS)
def test_count_interval_and_share_decide_alike(ends, threshold, alpha):
    found = Count.of(*ends, threshold, alpha)
    low, high = interval(*ends, found.allowed)
    assert (found.side == 1) == (low >= threshold)
    assert (found.side == -1) == (high < threshold)
    least, most = share(found, alpha)
    assert least <= found.reach / found.count <= 1 - found.short / found.count <= most
    assert (found.side == 1) == (least >= 0.5 - 1e-9)
    assert (found.side == -1) == (most <= 0.5 + 1e-9)


@pytest.mark.parametrize("n", [8, 16, 24, 48])
def test_one_number_more_on_the_other_side_undoes_the_word_and_the_interval(n):
    k = allowed(n, 0.01)
    for otherwise in (k, k + 1):
        for sign in (1.0, -1.0):
            values = np.where(np.arange(n) < otherwise, -sign, sign)
            low, high = interval(values, values, k)
            decided = otherwise == k
            assert (Count.of(values, values, 0.0, 0.01).side == sign) == decided
            assert (low == 1.0 if sign > 0 else high == -1.0) == decided


@given(brackets(), NUMBERS.filter(math.isfinite), LEVELS)
def test_the_mirrored_numbers_are_decided_the_other_way(ends, threshold, alpha):
    """But for values at the threshold, which reach it."""
    low, high = ends
    kept = (low != threshold) & (high != threshold)
    here = Count.of(low[kept], high[kept], threshold, alpha)
    there = Count.of(-high[kept], -low[kept], -threshold, alpha)
    assert (here.reach, here.short, here.side) == (there.short, there.reach, -there.side)


def test_a_value_at_the_threshold_reaches_it():
    equal = np.full(8, 0.5)
    assert Count.of(equal, equal, 0.5, 0.05) == Count(8, 0, 8, 1)
    below = np.nextafter(equal, 0)
    assert Count.of(below, below, 0.5, 0.05) == Count(0, 8, 8, 1)


def test_a_bracket_that_holds_the_threshold_does_neither():
    wide = Count.of(np.full(8, -1.0), np.full(8, 1.0), 0.0, 0.05)
    assert (wide.reach, wide.short, wide.between, wide.side) == (0, 0, 8, 0)
    assert wide.bound(16, 0.05)
    assert not Count(6, 0, 8, 1).bound(16, 0.05)  # two of eight; four of sixteen are allowed
    assert Count(5, 0, 8, 1).bound(16, 0.05)
    assert not Count(0, 0, 8, -1).bound(3, 0.05)  # nothing of three decides anything: it is want of replicas


def test_sides_take_arrays_of_any_shape():
    assert side([[8, 0], [7, 4]], [[0, 8], [1, 4]], 8, 0).tolist() == [[1, -1], [0, 0]]


@given(st.integers(1, 60), LEVELS)
def test_the_interval_covers_the_median_exactly_as_often_as_it_says(n, alpha):
    k = allowed(n, alpha)
    below = np.arange(n + 1)  # numbers below the median: it lies inside unless at most k are on one side
    inside = (below > k) & (n - below > k)
    assert coverage(n, k) == pytest.approx(stats.binom.pmf(below[inside], n, 0.5).sum())
    assert coverage(n, k) >= 1 - 2 * alpha


@given(brackets(least=0))
def test_the_median_is_numpys_where_that_has_one(ends):
    low, high = ends
    found = median(low, high)
    finite = np.isfinite(low) & np.isfinite(high)
    if low.size and finite.all():
        assert found == pytest.approx((np.median(low) + np.median(high)) / 2)
    if not low.size:
        assert found is None
    assert found is None or not math.isnan(found)


def test_equal_numbers_have_exactly_that_median():
    for n in (7, 8):
        assert median(np.full(n, 0.1), np.full(n, 0.1)) == 0.1
    unbounded = np.array([-math.inf] * 5 + [1.0] * 3)
    assert median(unbounded, np.ones(8)) == -math.inf  # a lower end without bound stays one
    assert median(-np.full(2, math.inf), np.full(2, math.inf)) is None


@given(st.integers(1, 40), st.data(), LEVELS)
def test_the_share_is_clopper_and_pearsons(n, data, alpha):
    reach = data.draw(st.integers(0, n))
    expected = stats.binomtest(reach, n).proportion_ci(1 - 2 * alpha, method="exact")
    assert share(Count(reach, n - reach, n, 0), alpha) == pytest.approx((expected.low, expected.high))


@given(st.lists(st.tuples(st.integers(0, 16), st.just(16)), min_size=1, max_size=6))
def test_partial_conjunction_is_the_least_over_all_ways_to_leave_contexts_out(found):
    """By definition: at least u hold if Bonferroni refuses every set of C − u + 1 contexts; and so for all below u."""
    reach, counts = zip(*found, strict=True)
    p = [stats.binom.sf(r - 1, n, 0.5) for r, n in found]

    def at_least(u):
        size = len(p) - u + 1
        return all(min(chosen) * size <= 0.05 for chosen in itertools.combinations(p, size))

    assert holds_in(reach, counts) == next((u - 1 for u in range(1, len(p) + 1) if not at_least(u)), len(p))


def test_partial_conjunction_over_claims_seldom():
    """Two contexts of three at the null: three are claimed in at most 5 % of 4,000 studies, plus 3 errors."""
    rng = np.random.default_rng(13)
    reach = np.stack([np.full(4000, 16), *rng.binomial(16, 0.5, (2, 4000))], axis=-1)
    claimed = np.array([holds_in(one, (16, 16, 16)) for one in reach])
    assert (claimed >= 1).all()
    assert (claimed >= 2).mean() <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 4000)


@pytest.mark.parametrize(("count", "alpha", "argument"), [(8, 0.0, "alpha"), (8, 1.0, "alpha"), (-1, 0.05, "count")])
def test_what_makes_no_sense_is_refused(count, alpha, argument):
    with pytest.raises(InvalidValue, match=f"^{argument}: expected"):
        allowed(count, alpha)
