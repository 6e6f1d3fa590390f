"""What a constant image misses: the cross entropy of held-out pixels from the training mean."""

from __future__ import annotations

import numpy as np
import pytest
from planted import REPLICAS, measured

from study.errors import InvalidValue
from study.latent.gaussians import DiagonalGaussians
from study.measures.registry import Images
from study.testing import Loses, Planted

Q = DiagonalGaussians(np.zeros((REPLICAS, 4, 2)), np.zeros((REPLICAS, 4, 2)))
HALF = np.float32([[0, 1], [1, 0], [0, 1], [1, 0]])


def needs(x, train=HALF):
    labels = np.zeros(len(train), int)
    return {
        "heldout_x": np.float32(x),
        "images": Images(np.float32(train), labels, np.float32(x), labels),
        "heldout": Q,
    }


PLANTED = Planted(needs(HALF), 2 * np.log(2), 1e-6, sample_order=False)
LOSES = Loses(needs(np.ones((4, 2)), np.zeros((1000, 2))), above=10)


def test_it_is_the_entropy_where_held_out_images_are_like_the_others():
    train = np.float32(np.random.default_rng(0).random((20_000, 3)) < [0.1, 0.5, 0.9])
    share = train.mean(0)
    expected = -(share * np.log(share) + (1 - share) * np.log(1 - share)).sum()
    np.testing.assert_allclose(measured("constant_distortion", needs(train, train)).low, expected, atol=1e-3)


def test_a_pixel_that_was_never_lit_is_not_impossible():
    found = measured("constant_distortion", needs(np.eye(2), np.zeros((99, 2)))).low
    np.testing.assert_allclose(found, -np.log(0.5 / 100) - np.log(99.5 / 100))


def test_grey_pixels_are_refused():
    with pytest.raises(InvalidValue, match="binary pixels"):
        measured("constant_distortion", needs(HALF / 2))
