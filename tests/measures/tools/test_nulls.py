"""Planted mixtures that are drawn from N(0, I)."""

from __future__ import annotations

import numpy as np
from planted import collapsed, hashed, spread

from study.measures.tools.nulls import nulls


def test_a_null_has_the_variances_given_and_unit_size():
    q = spread(4000, 3, 0.3, 2.0)
    found = list(nulls(q, hashed))
    assert len(found) == 8
    for null in found:
        np.testing.assert_array_equal(null.log_var, q.log_var)
        np.testing.assert_allclose((null.mean**2 + null.var).mean(1), 1, atol=0.08)
    assert len({null.mean[0, 0, 0] for null in found} | {found[0].mean[1, 0, 0]}) == 9


def test_means_of_prior_or_wider_components_stay_at_zero():
    for null in nulls(collapsed(), hashed, 2):
        assert not null.mean.any()
    wide = spread(10, 1, 1.5, 2.0)
    assert not next(nulls(wide, hashed)).mean.any()
