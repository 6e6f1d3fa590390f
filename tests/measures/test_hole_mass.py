"""Hole mass: 0.05 for an exact N(0, I), more where a part of the prior is cut out."""

from __future__ import annotations

import numpy as np
import pytest
from planted import measured, population

from study.testing import Loses, Planted

LEVELS = np.arange(101.0) * np.ones((3, 1))
# The edge is 5: of the prior's draws five are below it.
OTHERS = np.linspace(0.5, 20.5, 21) * np.ones((3, 1))
PLANTED = Planted({"aggregate_ratios": LEVELS, "prior_ratios": OTHERS}, 5 / 21, 1e-12)
LOSES = Loses({"aggregate_ratios": LEVELS, "prior_ratios": OTHERS * 0}, above=0.99)
SHARES = {2: 0.2, 4: 0.16, 8: 0.11}
"""Latent dimension → hole mass when a fifth of the mass is cut out, at the rates of digits."""


@pytest.mark.parametrize("dead", [0, 8])
@pytest.mark.parametrize("latent", [2, 4, 8, 16])
def test_an_exact_prior_has_the_share_of_the_percentile_at_every_level(latent, dead):
    runs = [measured("hole_mass", population(latent, dead=dead, key=f"{k}")).low for k in range(3)]
    # A standard error of 0.003; 360 images bias it upwards by 0.002.
    np.testing.assert_allclose(np.mean(runs), 0.052, atol=0.01)


@pytest.mark.parametrize("dead", [0, 8])
@pytest.mark.parametrize(("latent", "share"), SHARES.items())
def test_a_hole_is_found_whatever_dead_dimensions(latent, share, dead):
    runs = [measured("hole_mass", population(latent, cut=0.2, dead=dead, key=f"{k}")).low for k in range(3)]
    np.testing.assert_allclose(np.mean(runs), share, atol=0.02)
