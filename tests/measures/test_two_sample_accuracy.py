"""The two-sample judge of means: it must find what is planted, and find nothing in the prior."""

from __future__ import annotations

import numpy as np
import pytest
from planted import REPLICAS, collapsed, hashed, measured, spread

from study.errors import InvalidValue
from study.latent.gaussians import DiagonalGaussians, prior_draws
from study.seeds import generator
from study.testing import Loses, Planted


def means(mean) -> DiagonalGaussians:
    """Posteriors of tiny variance, whose means are all that counts."""
    return DiagonalGaussians(mean, np.full_like(mean, -7.0))


def normal(latent: int, key: str = "") -> np.ndarray:
    return generator("two-sample", latent, key).normal(size=(REPLICAS, 1437, latent))


# Standard error 0.01 each: 4 of them.
PLANTED = Planted({"train": means(normal(4)), "seeds": hashed}, 0.5, 0.04, sample_order=False)
LOSES = Loses({"train": means(normal(4) + 1.0), "seeds": hashed}, above=0.7)


def accuracy(q, **arguments):
    needs = {"train": q, "seeds": lambda purpose: hashed(purpose)[: q.replicas]}
    return measured("two_sample_accuracy", needs, **arguments).low


@pytest.mark.parametrize("latent", [2, 4, 8, 16])
def test_means_of_the_prior_score_one_half_at_every_level(latent):
    """Each image has one mean, so that no fold knows another's."""
    runs = [accuracy(means(normal(latent, f"{k}"))) for k in range(3)]
    np.testing.assert_allclose(np.mean(runs), 0.5, atol=0.012)


@pytest.mark.parametrize("classifier", ["knn", "svc"])
@pytest.mark.parametrize("plant", ["scale", "clusters", "hole"])
def test_planted_differences_are_found(plant, classifier):
    mean = normal(2)[: 1 if classifier == "svc" else REPLICAS]  # which takes long, and finds them by far
    if plant == "scale":
        mean = mean * np.sqrt(2)
    elif plant == "clusters":  # of matched moments, which quadratic features do not see
        centres = prior_draws([5], 30, 2)[0]
        mean = 0.1 * mean + centres[np.arange(1437) % 30]
        mean = (mean - mean.mean(1, keepdims=True)) / mean.std(1, keepdims=True)
    else:
        mean = np.where((np.abs(mean) < 0.8).all(-1, keepdims=True), 2 * mean, mean)
    found = accuracy(means(mean), classifier=classifier)
    assert found.mean() > {"scale": 0.54, "clusters": 0.56, "hole": 0.52}[plant]


def test_dead_dimensions_give_nothing_away():
    mean = normal(2)
    padded = DiagonalGaussians(
        np.concatenate([mean, np.zeros((3, 1437, 14))], -1),
        np.concatenate([np.full_like(mean, -7.0), np.zeros((3, 1437, 14))], -1),
    )
    np.testing.assert_array_equal(accuracy(padded), accuracy(means(mean)))
    np.testing.assert_array_equal(accuracy(collapsed()), 0.5)


def test_the_number_of_images_is_the_same_on_every_data_set():
    """Clustered means of four times as many images score no higher: 1,437 of them are used."""
    centres = prior_draws([5], 200, 2)[0]

    def clustered(n):
        rng = generator("two-sample", "clustered")
        return means(centres[rng.integers(0, 200, n)] + rng.normal(0, 0.03, (REPLICAS, n, 2)))

    np.testing.assert_allclose(accuracy(clustered(5748)), accuracy(clustered(1437)), atol=0.03)


def test_too_few_images_are_refused():
    with pytest.raises(InvalidValue, match="at least 10 images"):
        accuracy(spread(9, 2, 0.1))
