"""The fitted mixture: how many components it chooses, and that it does not gain where there is nothing to gain."""

from __future__ import annotations

import numpy as np
import pytest

from study.latent.gaussians import DiagonalGaussians, prior_log_density
from study.latent.samplers import gaussian_mixture
from study.latent.samplers.gaussian_mixture import fit
from study.seeds import generator


def exact(latent: int, var: float = 0.3, images: int = 1_000) -> DiagonalGaussians:
    """Posteriors whose aggregate is N(0, I)."""
    mean = generator("fitted null", latent).normal(0, np.sqrt(1 - var), (2, images, latent))
    return DiagonalGaussians(mean, np.full_like(mean, np.log(var)))


@pytest.mark.parametrize("latent", [2, 4, 8])
def test_of_an_exact_prior_it_is_a_little_worse_than_the_prior(latent):
    z = generator("fresh", latent).standard_normal((2, 20_000, latent))
    gain = (fit(exact(latent), exact(latent)).log_density(z) - prior_log_density(z)).mean(1)
    assert (gain < 0).all()
    assert (gain > -0.1).all()


def test_planted_components_are_found():
    rng = generator("planted mixture")
    places = 3.0 * np.array([[1, 1], [-1, 1], [1, -1], [-1, -1], [0, 0]])
    mean = places[np.arange(500) % 5] + rng.normal(0, 0.05, (1, 500, 2))
    q = DiagonalGaussians(mean, np.full_like(mean, np.log(0.1)))
    (found,) = fit(q, q).mixtures
    assert len(found.weight) >= 5
    z = q.draw([3], 20_000)
    assert abs(found.log_density(z[0]).mean() - q.log_density(z).mean()) < 0.05


def test_memorised_images_are_left_out_whole(monkeypatch):
    """Fifty images of tiny variance: draws of an image left out tell that its place was never seen."""
    mean = generator("few").normal(size=(1, 50, 2))
    q = DiagonalGaussians(mean, np.full_like(mean, -10.0))
    honest = len(fit(q, q).mixtures[0].weight)
    # Were draws left out, not images, the more components the better.
    z = q.draw([1], 400)
    monkeypatch.setattr(DiagonalGaussians, "component", lambda self, count: generator("any").integers(0, 50, count))
    monkeypatch.setattr(DiagonalGaussians, "draw", lambda self, seeds, count: z)
    assert honest <= 5 < len(fit(q, q).mixtures[0].weight)


def test_few_images_and_many_are_fitted(monkeypatch):
    assert len(fit(exact(2, images=3), exact(2)).mixtures) == 2
    monkeypatch.setattr(gaussian_mixture, "MOST", 500)
    assert np.isfinite(fit(exact(2), exact(2)).log_density(np.zeros((2, 1, 2)))).all()
