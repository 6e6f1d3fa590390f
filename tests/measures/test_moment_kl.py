"""What the first two moments contribute to the marginal KL of the training images."""

from __future__ import annotations

import numpy as np
import pytest
from planted import SEEDS, collapsed, population, spread

from study.measures.empirical_marginal_kl import empirical_marginal_kl
from study.measures.moment_kl import moment_kl
from study.measures.tools.rescaled import rescaled
from study.testing import Loses, Planted

# Two latents of variance 2: ½ (2 − 1 − ln 2) nats each.
PLANTED = Planted({"train": spread(20_000, 2, 0.1, 2.0)}, 1 - np.log(2), 0.03)
# The moments of an exact prior are the prior's, whatever the rate.
LOSES = Loses({"train": spread(20_000, 2, 0.1)}, below=0.01)


@pytest.mark.parametrize("latent", [2, 4, 8])
@pytest.mark.parametrize("total", [0.7, 1.0, 2.0])
def test_it_is_what_the_exact_rescaling_takes_off_the_marginal_kl(latent, total):
    q = population(latent, total=total)["train"]
    one = rescaled(q)[0]
    raw, left = (empirical_marginal_kl(each, each.draw(SEEDS, 20 * q.samples)).low for each in (q, one))
    np.testing.assert_allclose(raw - left, moment_kl(q), atol=0.02)
    np.testing.assert_allclose(moment_kl(one), 0.0, atol=1e-12)


def test_a_shift_counts_and_dead_dimensions_do_not():
    q = population(2, dead=3)["train"]
    np.testing.assert_allclose(moment_kl(q), moment_kl(population(2)["train"]), atol=0.01)
    far = q.standardised(np.array([1.0, 0, 0, 0, 0]), 1.0)
    np.testing.assert_allclose(moment_kl(far) - moment_kl(q), 0.5 - q.mean[..., 0].mean(1), atol=1e-12)
    np.testing.assert_array_equal(moment_kl(collapsed()), 0)
