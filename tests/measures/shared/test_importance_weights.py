"""Importance weights on a model whose evidence is known."""

from __future__ import annotations

import numpy as np
from planted import seeds
from scipy.stats import norm

from study.latent.gaussians import DiagonalGaussians
from study.measures.shared.importance_weights import DRAWS, importance_weights


def test_the_exact_posterior_gives_the_evidence_in_every_draw():
    # x = 1 under z ~ N(0, 1), x ~ N(z, 1): the posterior is N(0.5, 0.5).
    q = DiagonalGaussians(np.full((3, 7, 1), 0.5), np.full((3, 7, 1), np.log(0.5)))
    found = importance_weights(q, lambda z: (norm.logpdf(z) + norm.logpdf(1, z)).sum(-1), seeds)
    assert found.shape == (3, 7, DRAWS)
    np.testing.assert_allclose(found, norm.logpdf(1, 0, np.sqrt(2)))
