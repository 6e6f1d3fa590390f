"""The two-sample judge: it must find what is planted, and find nothing in the prior."""

from __future__ import annotations

import numpy as np
import pytest
from planted import SEEDS, seeds

from study.errors import InvalidValue
from study.latent.gaussians import prior_draws
from study.measures.two_sample_accuracy import two_sample_accuracy
from study.testing import Loses, Planted

Z = prior_draws(SEEDS, 720, 4)
# Standard error 0.013 each: 4 of them.
PLANTED = Planted({"heldout_draws": Z, "seeds": seeds}, 0.5, 0.055, sample_order=False)
LOSES = Loses({"heldout_draws": Z + 0.5, "seeds": seeds}, above=0.57)


@pytest.mark.parametrize("plant", ["scale", "correlation"])
def test_planted_differences_are_found(plant):
    z = Z.copy()
    if plant == "scale":
        z = z * np.sqrt(2)
    else:
        z[..., 0] = 0.8 * z[..., 1] + 0.6 * z[..., 0]
    assert (two_sample_accuracy(z, seeds) > 0.57).all()


def test_too_few_draws_are_refused():
    with pytest.raises(InvalidValue):
        two_sample_accuracy(np.zeros((3, 9, 2)), seeds)
