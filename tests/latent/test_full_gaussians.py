"""Mixtures of full Gaussians against scipy's densities and scikit-learn's fits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import multivariate_normal
from sklearn.mixture import GaussianMixture

from study.errors import InvalidValue
from study.latent.full_gaussians import FullGaussians, FullMixtures
from study.seeds import generator


def planted(latent: int, components: int = 4) -> FullGaussians:
    rng = generator("full", latent)
    root = rng.normal(size=(components, latent, latent)) / latent**0.5
    weight = rng.dirichlet(np.ones(components))
    return FullGaussians(
        weight, rng.normal(size=(components, latent)), root @ root.swapaxes(1, 2) + 0.1 * np.eye(latent)
    )


@pytest.mark.parametrize("latent", [1, 2, 8, 16])
def test_the_density_is_scipys(latent):
    one = planted(latent)
    z = 3 * generator("points", latent).normal(size=(5_000, latent))
    rows = [multivariate_normal(m, c).logpdf(z) for m, c in zip(one.mean, one.covariance, strict=True)]
    expected = logsumexp(np.array(rows) + np.log(one.weight)[:, None], axis=0)
    np.testing.assert_allclose(one.log_density(z), expected, atol=1e-5)


@pytest.mark.parametrize("latent", [1, 3, 8])
def test_the_fit_is_scikit_learns(latent):
    z = planted(latent).draw(generator("sample", latent), 4_000)
    start = z[:3]
    settings = {"ridge": 1e-4, "tolerance": 1e-9}
    once = FullGaussians.fit(z, start, rounds=0, **settings)
    ours = FullGaussians.fit(z, start, rounds=7, **settings)
    theirs = GaussianMixture(
        3, reg_covar=1e-4, tol=0, max_iter=7, weights_init=once.weight, means_init=once.mean,
        precisions_init=np.linalg.inv(once.covariance),
    )  # fmt: skip
    with pytest.warns(match="converge"):
        theirs.fit(z)
    np.testing.assert_allclose(ours.weight, theirs.weights_, atol=1e-4)
    np.testing.assert_allclose(ours.mean, theirs.means_, atol=1e-4)
    np.testing.assert_allclose(ours.covariance, theirs.covariances_, atol=1e-4)


def test_a_component_without_points_does_no_harm():
    z = generator("lonely").normal(size=(200, 2))
    found = FullGaussians.fit(z, np.array([[0.0, 0.0], [1e3, 1e3]]), ridge=1e-4, rounds=5, tolerance=0)
    assert np.isfinite(found.log_density(z)).all()


def test_other_replicas_are_refused():
    with pytest.raises(InvalidValue, match=r"^z: .*\(1, m, 2\)"):
        FullMixtures((planted(2),)).log_density(np.zeros((2, 5, 2)))
