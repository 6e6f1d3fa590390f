"""The null of the training mixture's marginal KL."""

from __future__ import annotations

import numpy as np
import pytest
from planted import collapsed, hashed, hole, measured, population

from study.testing import Loses, Planted

# Every component is the prior: the null has no means to draw, and no KL.
PLANTED = Planted({"train": collapsed(), "seeds": hashed}, 0.0, 1e-6)
LOSES = Loses({"train": hole(), "seeds": hashed}, below=0.05)


@pytest.mark.parametrize(("latent", "rate"), [(2, 2.4), (4, 3.8), (4, 5.5), (8, 4.8), (8, 8.3)])
def test_an_exact_prior_less_its_null_is_nothing_at_every_level(latent, rate):
    """Raw it rises from 0.01 to 1.6 nats along D, by finite n alone."""
    needs = population(latent, rate)
    raw, null = (measured(name, needs).low for name in ("empirical_marginal_kl", "empirical_marginal_kl_null"))
    assert (raw > 0.005).all()
    np.testing.assert_allclose(raw / null, 1, atol=0.4 if latent == 2 else 0.2)
    np.testing.assert_allclose((raw - null).mean(), 0, atol=0.004 + 0.03 * null.mean())
    assert (null.max() - null.min()) < 0.1 * null.mean() + 0.002
    assert not np.array_equal(null[0], null[1])
