"""Rank correlations over VAEs: scipy's, a partial one in closed form, and brackets that must hold at both ends."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from study.design.contexts import LISTED
from study.errors import InvalidValue
from study.lab.lab import Lab
from study.lab.ranks import correlation, rank_correlation
from study.lab.values import Observed

NUMBERS = st.lists(st.lists(st.integers(-3, 3), min_size=6, max_size=6), min_size=3, max_size=3)


@given(NUMBERS)
def test_it_is_scipys_with_ties_and_all(numbers):
    first, second, _ = np.array(numbers, float)
    found = correlation(first[:, None], second[:, None])[0]
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        assert found == 0
    else:
        assert found == pytest.approx(spearmanr(first, second).statistic)


@given(NUMBERS)
def test_the_partial_one_is_that_in_closed_form(numbers):
    x, y, z = np.array(numbers, float)
    xy, xz, yz = (correlation(a[:, None], b[:, None])[0] for a, b in ((x, y), (x, z), (y, z)))
    rest = (1 - xz**2) * (1 - yz**2)
    found = correlation(x[:, None], y[:, None], z[:, None])[0]
    if min(map(np.ptp, (x, y))) > 0 and rest > 1e-9:
        assert found == pytest.approx((xy - xz * yz) / np.sqrt(rest))
    else:
        assert found == pytest.approx(0, abs=1e-9)


def test_what_follows_a_third_thing_alone_has_no_partial_correlation():
    rate = np.arange(12.0)[:, None]
    assert correlation(rate, 2 * rate)[0] == pytest.approx(1)
    assert correlation(rate, 2 * rate, rate)[0] == 0


def vaes(count=3):
    lab = Lab("quick", "digits")
    return [lab.run(LISTED[0].at(latent_dim=2 + n)) for n in range(count)]


def test_every_replica_has_its_own_and_a_bracket_counts_at_both_ends():
    several = vaes()
    value = rank_correlation([v.value("rate") for v in several], [v.value("marginal_kl") for v in several])
    rising, falling = np.array([1.0, 2, 3]), np.array([3.0, 2, 1])
    numbers = {
        "rate": (np.stack([rising, falling]).T,) * 2,
        "marginal_kl": (np.stack([rising, rising]).T, np.stack([rising, falling]).T),
    }

    def read(trial, measure):
        level, ones = [str(v.trial) for v in several].index(str(trial)), np.ones(2, bool)
        low, high = (end[level] for end in numbers[measure.name])
        return Observed(np.arange(2), low, high, ones, ones)

    found = value.evaluate(read)
    np.testing.assert_allclose(found.low, [1, -1])
    np.testing.assert_allclose(found.high, [1, 1])
    assert str(value).startswith("rank_correlation(rate(of ")
    assert len(list(value.leaves())) == 6


@pytest.mark.parametrize(("first", "second"), [(2, 2), (3, 4), (0, 0)])
def test_lists_that_cannot_be_correlated_are_refused(first, second):
    rates = [vae.value("rate") for vae in vaes(4)]
    with pytest.raises(InvalidValue, match=r"^rank_correlation: expected lists of one length, of 3 values or more"):
        rank_correlation(rates[:first], rates[:second])


def test_values_of_several_contexts_are_refused():
    rates = [vae.value("rate") for vae in vaes()]
    other = [Lab("quick", "digits").run(LISTED[1]).value("rate")] * 3
    with pytest.raises(InvalidValue, match="values of one context"):
        rank_correlation(rates, other)
