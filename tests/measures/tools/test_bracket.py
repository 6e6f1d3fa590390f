"""The bracket, and the expectation with control variates."""

from __future__ import annotations

import numpy as np
import pytest

from study.errors import InvalidValue
from study.latent.gaussians import prior_log_density
from study.measures.tools.bracket import Bracket, expectation, rounds
from study.seeds import seed


def test_bracket_refuses_swapped_ends_and_divides():
    with pytest.raises(InvalidValue):
        Bracket(np.ones(2), np.zeros(2))
    with pytest.raises(InvalidValue):
        Bracket(np.array([np.nan]), np.ones(1))
    half = Bracket(np.ones(2), np.full(2, 3.0), np.zeros(2)) / 2
    np.testing.assert_array_equal([half.low, half.high, half.floor], [[0.5] * 2, [1.5] * 2, [0] * 2])
    with pytest.raises(InvalidValue):
        half / 0


def test_rounds_are_whole_and_bounded(spread):
    assert [rounds(spread(n, 1, 0.5)) for n in (300, 360, 2880, 5000)] == [3000, 2880, 2880, 2880]
    assert rounds(spread(300, 1, 0.5), 100) == 100


def test_controls_remove_noise_and_add_no_bias(spread):
    q = spread(40, 6, 0.05)
    plain, controlled = [], []
    for i in range(60):
        z = q.draw([seed("bracket", i, r) for r in range(q.replicas)], 160)
        values = q.log_density(z) - prior_log_density(z)
        plain.append(values.mean(1))
        controlled.append(expectation(values, q, z))
    plain, controlled = np.array(plain), np.array(controlled)
    assert (controlled.std(0) < 0.3 * plain.std(0)).all()
    # 5 standard errors of 60 plain means: a false alarm in 3 tests of 1e-6.
    assert (np.abs(controlled.mean(0) - plain.mean(0)) < 5 * plain.std(0) / np.sqrt(60)).all()


def test_fewer_draws_than_components_are_no_bias(spread, seeds):
    q = spread(1000, 4, 0.01, 3.0)
    few, many = q.draw(seeds, 100), q.draw(seeds, 10_000)
    found, exact = (expectation(q.log_density(z) - prior_log_density(z), q, z) for z in (few, many))
    np.testing.assert_allclose(found, exact, atol=0.15)


def test_expectation_of_a_control_is_exact(spread, seeds):
    q = spread(50, 3, 0.2)
    z = q.draw(seeds, 100)
    own = q.own_log_density(z)
    exact = -0.5 * (q.log_var + np.log(2 * np.pi) + 1)
    np.testing.assert_allclose(expectation(own, q, z), exact.mean(1), atol=1e-9)
    np.testing.assert_allclose(expectation(own.sum(-1), q, z), exact.sum(-1).mean(1), atol=1e-9)
