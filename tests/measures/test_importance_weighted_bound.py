"""The importance-weighted bound on a model whose evidence is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import linear_gaussian

from study.errors import InvalidValue
from study.measures.effective_sample_size import effective_sample_size
from study.measures.elbo import elbo
from study.measures.importance_weighted_bound import importance_weighted_bound
from study.seeds import generator
from study.testing import Loses, Planted

WEIGHTS, TRUTH = linear_gaussian(0.5)
PLANTED = Planted({"importance_weights": WEIGHTS}, TRUTH, 0.02)
# One draw far off the posterior: the ELBO, which is loose.
LOSES = Loses({"importance_weights": linear_gaussian(2.0)[0]}, below=TRUTH - 1, arguments={"k": 1})


def test_more_draws_only_raise_the_bound():
    bounds = [importance_weighted_bound(WEIGHTS, k=k)[0] for k in (1, 2, 5, 10, 25, 50)]
    assert bounds[0] == pytest.approx(elbo(WEIGHTS)[0])
    assert (np.diff(bounds) > 0).all()


@settings(max_examples=20, deadline=None)
@given(key=st.integers(0, 10**6), scale=st.floats(0, 300))
def test_bounds_are_ordered(key, scale):
    weights = scale * generator("evidence", key).normal(size=(2, 3, 8))
    assert (importance_weighted_bound(weights) >= elbo(weights) - 1e-9).all()
    ess = effective_sample_size(weights)
    assert ((ess >= 1 - 1e-9) & (ess <= 8 + 1e-9)).all()


@pytest.mark.parametrize("k", [0, 4])
def test_more_draws_than_there_are_are_refused(k):
    with pytest.raises(InvalidValue, match="from 1 to 3"):
        importance_weighted_bound(np.zeros((1, 2, 3)), k=k)
