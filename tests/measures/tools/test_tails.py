"""Pareto k̂ of known tails."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import genpareto

from study.measures.tools.tails import pareto_k, tail_of
from study.seeds import generator


@pytest.mark.parametrize("shape", [0.1, 0.5, 0.7, 1.2])
def test_a_known_tail_is_found(shape):
    weights = genpareto(shape).rvs((400, 2_000), random_state=generator("tails", shape))
    found = pareto_k(tail_of(np.log(weights)))
    # The prior of ten values at ½ draws the mean towards it.
    length = int(3 * 2_000**0.5)
    assert found.mean() == pytest.approx((length * shape + 5) / (length + 10), abs=0.04)


def test_scale_and_order_do_not_matter():
    log = generator("tails").normal(size=(3, 1_000))
    moved = generator("order").permuted(log, axis=1) + 300
    np.testing.assert_allclose(pareto_k(tail_of(moved)), pareto_k(tail_of(log)))


def test_bounded_weights_have_no_tail_and_equal_ones_none_at_all():
    assert (pareto_k(tail_of(np.log(generator("bounded").random((5, 1_000))))) < 0).all()
    assert (pareto_k(tail_of(np.zeros((2, 1_000)))) == -np.inf).all()


def test_the_tail_is_the_largest_weights():
    log = generator("largest").normal(size=(2, 500))
    found = tail_of(log)
    np.testing.assert_array_equal(found, np.sort(log, axis=-1)[:, -found.shape[-1] :])
    assert found.shape == (2, 1 + int(3 * 500**0.5))
