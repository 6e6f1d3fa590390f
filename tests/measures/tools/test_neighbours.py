"""Precision, recall and coverage: by their formulas, by hand, and on planted generators."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from study.errors import InvalidValue
from study.latent.gaussians import DiagonalGaussians, prior_draws
from study.measures.tools.neighbours import coverage, precision, ratio, recall
from study.seeds import generator

ALL = (precision, recall, coverage)


@pytest.fixture(name="real")
def real_() -> np.ndarray:
    """Two far clusters in 8 dimensions."""
    x = generator("images", "real").normal(size=(300, 8))
    x[::2] += 20
    return x


def fakes(*parts: str) -> np.ndarray:
    return generator("images", *parts).normal(size=(2, 300, 8))


def prdc(real: np.ndarray, fake: np.ndarray, k: int) -> dict[str, float]:
    """What the package prdc 0.2 computes, written out: recall takes the balls of all fakes."""

    def radii(points):
        return np.sort(cdist(points, points), axis=1)[:, k]  # column 0 is the point itself

    between = cdist(real, fake)
    return {
        "precision": (between < radii(real)[:, None]).any(axis=0).mean(),
        "recall": (between < radii(fake)[None, :]).any(axis=1).mean(),
        "coverage": (between.min(axis=1) < radii(real)).mean(),
    }


@pytest.mark.parametrize("k", [1, 5, 9])
@pytest.mark.parametrize(("n", "m"), [(80, 80), (60, 200), (200, 60)])
def test_they_are_prdcs(n, m, k):
    rng = generator("prdc", n, m, k)
    real, fake = rng.normal(size=(n, 6)), 0.8 * rng.normal(size=(2, m, 6)) + 0.3
    for one in ALL:
        expected = [prdc(real, images, k)[one.__name__] for images in fake]
        np.testing.assert_allclose(one(real, fake, k), expected, err_msg=one.__name__)


def test_a_perfect_generator(real):
    fake = fakes("perfect")
    fake[:, ::2] += 20
    for one in ALL:
        assert (one(real, fake) > 0.85).all(), one.__name__


def test_a_generator_that_misses_a_mode_keeps_its_precision(real):
    assert (precision(real, fakes("half")) > 0.85).all()
    assert (recall(real, fakes("half")) < 0.6).all()
    assert (coverage(real, fakes("half")) < 0.6).all()


def test_noise_has_neither_precision_nor_coverage(real):
    noise = fakes("noise") * 50 + 200
    np.testing.assert_array_equal([precision(real, noise), coverage(real, noise)], np.zeros((2, 2)))


def test_balls_by_hand():
    real, fake = np.array([[0.0], [1.0], [3.0]]), np.array([[[0.5], [5.0], [9.0]]])
    assert precision(real, fake, 1) == pytest.approx(2 / 3)  # radii 1, 1, 2: 5.0 lies on the rim of 3.0's ball
    assert coverage(real, fake, 1) == pytest.approx(1)
    assert recall(real, fake, 1) == pytest.approx(1)  # radii 4.5, 4, 4


@pytest.mark.parametrize("k", [0, 5])
def test_too_many_neighbours_are_refused(real, k):
    with pytest.raises(InvalidValue, match=r"^k: expected an integer from 1 to 4"):
        recall(real, fakes("few")[:, :5], k=k)


def test_a_reference_of_nothing_makes_the_ratio_nothing():
    np.testing.assert_array_equal(ratio(np.array([0.4, 0.4]), np.array([0.8, 0.0])), [0.5, 0.0])


def linear(latent: int, noise: float):
    """A linear decoder, and exact posteriors of draws of its own: the population's aggregate posterior is N(0, I)."""
    rng = generator("coverage null", latent)
    weights = rng.normal(size=(latent, 24)) / 2
    covariance = np.linalg.inv(weights @ weights.T / noise + np.eye(latent))
    turn = np.linalg.eigh(covariance)[1]
    weights = turn.T @ weights  # now posteriors are diagonal
    var = 1 / (np.square(weights).sum(1) / noise + 1)

    def images(count):
        z = rng.normal(size=(count, latent))
        x = z @ weights + noise**0.5 * rng.normal(size=(count, 24))
        mean = x @ weights.T / noise * var
        return x, DiagonalGaussians(mean[None], np.broadcast_to(np.log(var), mean.shape)[None])

    return images, lambda z: z @ weights


@pytest.mark.parametrize("latent", [2, 4, 8, 16])
def test_the_exact_null_of_the_ratio_is_one(latent):
    """Draws of training images are as good as the prior's; draws of the very images compared with look better."""
    images, decode = linear(latent, 0.1)
    fair, leaking = [], []
    for number in range(12):
        (_, train), (x, held) = images(1_400), images(300)
        x = decode(held.mean[0])  # on the decoder's plane, as if there were no noise: where the leak is largest
        prior = decode(prior_draws([number], 300, latent))
        seeds = [1_000 + number]
        own = coverage(x, prior)
        fair.append(ratio(own, coverage(x, decode(train.draw(seeds, 300))))[0])
        leaking.append(ratio(own, coverage(x, decode(held.draw(seeds, 300))))[0])
    assert abs(np.mean(fair) - 1) < 0.03
    if latent >= 8:
        assert np.mean(leaking) < np.mean(fair) - 0.015  # by 0.034, of a standard error of 0.004
