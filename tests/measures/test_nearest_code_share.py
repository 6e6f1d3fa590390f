"""The share of prior draws near some code: 0.95 for an exact N(0, I), less where codes leave a part of it empty."""

from __future__ import annotations

import numpy as np
import pytest
from planted import REPLICAS, measured, population, seeds

from study.latent.gaussians import DiagonalGaussians
from study.testing import Loses, Planted


def needs(**options):
    found = population(2, **options)
    return {"train": found["train"], "heldout_redraws": found["heldout_redraws"], "seeds": seeds}


def narrow():
    """Codes and draws of them all at the origin: hardly a draw of the prior is there."""
    mean = np.random.default_rng(0).normal(0, 1e-3, (REPLICAS, 50, 2))
    q = DiagonalGaussians(mean, np.full_like(mean, np.log(1e-6)))
    return {"train": q, "heldout_redraws": q, "seeds": seeds}


PLANTED = Planted(needs(), 0.95, 0.03, sample_order=False)
LOSES = Loses(narrow(), below=0.1)


@pytest.mark.parametrize("key", ["a", "b"])
def test_an_exact_prior_is_as_near_as_its_own_draws(key):
    np.testing.assert_allclose(measured("nearest_code_share", needs(key=key)).low, 0.95, atol=0.03)


def test_a_part_cut_out_is_far_from_all_codes():
    found = measured("nearest_code_share", needs(cut=0.4)).low
    assert (found < 0.85).all(), found
    assert (found > 0.5).all(), found


def test_dead_latents_change_it_but_little():
    np.testing.assert_allclose(measured("nearest_code_share", needs(dead=2)).low, 0.95, atol=0.03)
