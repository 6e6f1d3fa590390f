"""The evidence lower bound on a model whose evidence is known."""

from __future__ import annotations

import numpy as np
from planted import linear_gaussian

from study.measures.elbo import elbo
from study.testing import Loses, Planted

WEIGHTS, TRUTH = linear_gaussian(0.0)
# The exact posterior closes the gap; a wrong one leaves its KL, off² / (2 · 0.5).
PLANTED = Planted({"importance_weights": WEIGHTS}, TRUTH, 1e-9)
LOSES = Loses({"importance_weights": linear_gaussian(0.5)[0]}, below=TRUTH - 0.2)


def test_a_wrong_posterior_leaves_its_kl():
    np.testing.assert_allclose(elbo(linear_gaussian(0.5)[0]), TRUTH - 0.25, atol=0.03)
