"""The yardstick of hole mass: a planted hole in the VAE's own variances."""

from __future__ import annotations

import numpy as np
import pytest
from planted import as_redraws, hashed, measured, population, spread

from study.errors import InvalidValue
from study.testing import Loses, Planted

NEEDS = {**as_redraws(spread(1437, 2, 0.1, key="train"), spread(360, 2, 0.1, key="heldout")), "seeds": hashed}
del NEEDS["heldout"], NEEDS["train_redraws"]
PLANTED = Planted(NEEDS, 0.05, 0.015, {"cut": 0.0}, sample_order=False)
LOSES = Loses(NEEDS, above=0.3, arguments={"cut": 0.4})


@pytest.mark.parametrize("latent", [2, 8])
def test_a_vae_with_that_hole_is_on_the_line_and_one_of_twice_it_beyond(latent):
    """Mean over six replicas of hole mass and yardstick: a fifth within the noise, two fifths rejected."""
    found = {}
    for cut in (0.2, 0.4):
        runs = [population(latent, cut=cut, key=f"{k}") for k in range(2)]
        gaps = [measured("planted_hole_mass", run).low - measured("hole_mass", run).low for run in runs]
        found[cut] = np.concatenate(gaps)
    np.testing.assert_allclose(found[0.2].mean(), 0, atol=0.015)
    assert (found[0.4] < -0.05).all()


def test_the_whole_prior_has_no_hole_and_dead_dimensions_change_nothing():
    for cut in (0.0, 0.2):
        plain, dead = (measured("planted_hole_mass", population(4, dead=d), cut=cut).low for d in (0, 6))
        np.testing.assert_allclose(plain, dead, atol=0.02)
    np.testing.assert_allclose(plain, 0.165, atol=0.02)


def test_a_cut_is_a_share():
    with pytest.raises(InvalidValue, match="cut"):
        measured("planted_hole_mass", NEEDS, cut=1.0)
