"""Mass outside the prior's ball."""

from __future__ import annotations

import numpy as np
import pytest
from planted import SEEDS
from scipy.stats import chi2

from study.errors import InvalidValue
from study.latent.gaussians import prior_draws
from study.measures.tail_mass import tail_mass
from study.testing import Loses, Planted

Z = prior_draws(SEEDS, 20_000, 4)
PLANTED = Planted({"heldout_draws": Z}, 0.05, 0.01)
LOSES = Loses({"heldout_draws": np.sqrt(2) * Z}, above=0.2)


@pytest.mark.parametrize("latent", [1, 2, 16])
@pytest.mark.parametrize("total", [1.0, 2.0])
def test_isotropic_mass(latent, total, seeds):
    found = tail_mass(np.sqrt(total) * prior_draws(seeds, 20_000, latent))
    # Standard error ≤ 0.0036: 5 of them.
    np.testing.assert_allclose(found, chi2.sf(chi2.ppf(0.95, latent) / total, latent), atol=0.018)


def test_level_is_a_share():
    with pytest.raises(InvalidValue):
        tail_mass(np.zeros((1, 2, 3)), level=1.0)
