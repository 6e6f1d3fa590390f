"""The null of the marginal KL of each dimension."""

from __future__ import annotations

import numpy as np
import pytest
from planted import collapsed, hashed, hole, measured, population

from study.testing import Loses, Planted

PLANTED = Planted({"train": collapsed(), "seeds": hashed}, 0.0, 1e-9)
LOSES = Loses({"train": hole(), "seeds": hashed}, below=0.05)


@pytest.mark.parametrize("latent", [2, 4, 8, 16])
def test_an_exact_prior_less_its_null_is_nothing_at_every_level(latent):
    """Raw it falls from 0.002 to 0.001 nats along D, by finite n alone; its seeds scatter by 0.0007 at D 2."""
    needs = population(latent)
    raw, null = (measured(name, needs).low for name in ("dimension_marginal_kl", "dimension_marginal_kl_null"))
    assert (raw > 0).all()
    np.testing.assert_allclose(raw, null, atol=0.0025 / np.sqrt(latent))
    assert (null < 0.0035).all()


def test_dead_dimensions_change_the_null_as_they_change_the_value():
    plain, dead = (measured("dimension_marginal_kl_null", population(4, dead=d)).low for d in (0, 4))
    np.testing.assert_allclose(plain, dead, atol=0.0007)
