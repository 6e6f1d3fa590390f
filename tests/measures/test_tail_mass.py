"""Mass outside the prior's ball."""

from __future__ import annotations

import numpy as np
import pytest
from planted import collapsed, hashed, measured, population, spread
from scipy.stats import chi2

from study.errors import InvalidValue
from study.latent.gaussians import DiagonalGaussians
from study.testing import Loses, Planted

EXACT, WIDE = spread(20_000, 4, 0.3), spread(20_000, 4, 0.3, 2.0)
PLANTED = Planted({"train": EXACT, "heldout_redraws": EXACT, "seeds": hashed}, 0.05, 0.01, sample_order=False)
LOSES = Loses({"train": WIDE, "heldout_redraws": WIDE, "seeds": hashed}, above=0.2)


@pytest.mark.parametrize("latent", [2, 4, 8, 16])
@pytest.mark.parametrize("total", [1.0, 2.0])
def test_isotropic_mass(latent, total):
    needs = population(latent, total=total)
    expected = chi2.sf(chi2.ppf(0.95, latent) / total, latent)
    # 360 images: a standard error of a hundredth or two.
    np.testing.assert_allclose(measured("tail_mass", needs).low, expected, atol=0.06 if total > 1 else 0.03)
    # Size alone is no tail; the scale comes from 1,437 other images.
    np.testing.assert_allclose(measured("tail_mass", needs, rescaled=True).low, 0.05, atol=0.04)


def test_heavy_tails_of_unit_variance_are_found():
    """Student's t with 5 degrees of freedom, scaled to variance 1, keeps 1.5 % more outside after rescaling."""
    mean = np.random.default_rng(0).standard_t(5, (3, 20_000, 2)) * np.sqrt(3 / 5) * np.sqrt(0.95)
    q = DiagonalGaussians(mean, np.full_like(mean, np.log(0.05)))
    found = measured("tail_mass", {"train": q, "heldout_redraws": q, "seeds": hashed}, rescaled=True)
    assert (found.low > 0.058).all()


def test_dead_dimensions_change_nothing_and_none_active_is_the_priors_share():
    plain, dead = (measured("tail_mass", population(2, dead=d, total=2.0)).low for d in (0, 6))
    np.testing.assert_allclose(plain, dead, atol=0.08)
    none = {"train": collapsed(), "heldout_redraws": collapsed(), "seeds": hashed}
    np.testing.assert_allclose(measured("tail_mass", none, level=0.9).low, 0.1)


def test_level_is_a_share():
    with pytest.raises(InvalidValue, match="level"):
        measured("tail_mass", LOSES.needs, level=1.0)
