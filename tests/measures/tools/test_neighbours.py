"""Precision, recall, density and coverage on planted generators."""

from __future__ import annotations

import numpy as np
import pytest

from study.errors import InvalidValue
from study.measures.tools.neighbours import precision_recall
from study.seeds import generator


@pytest.fixture(name="real")
def real_() -> np.ndarray:
    """Two far clusters in 8 dimensions."""
    x = generator("images", "real").normal(size=(300, 8))
    x[::2] += 20
    return x


def fakes(*parts: str) -> np.ndarray:
    return generator("images", *parts).normal(size=(2, 300, 8))


def test_a_perfect_generator(real):
    fake = fakes("perfect")
    fake[:, ::2] += 20
    found = precision_recall(real, fake)
    for name in ("precision", "recall", "coverage"):
        assert (getattr(found, name) > 0.85).all(), name
    np.testing.assert_allclose(found.density, 1, atol=0.15)


def test_a_generator_that_misses_a_mode_keeps_its_precision(real):
    found = precision_recall(real, fakes("half"))
    assert (found.precision > 0.85).all()
    assert (found.recall < 0.6).all()
    assert (found.coverage < 0.6).all()


def test_noise_has_neither_precision_nor_coverage(real):
    found = precision_recall(real, fakes("noise") * 50 + 200)
    np.testing.assert_array_equal([found.precision, found.density, found.coverage], np.zeros((3, 2)))


def test_balls_by_hand():
    real, fake = np.array([[0.0], [1.0], [3.0]]), np.array([[[0.5], [5.0], [9.0]]])
    found = precision_recall(real, fake, k=1)  # real radii 1, 1, 2; generated ones 4.5, 4, 4
    np.testing.assert_allclose(found.precision, 2 / 3)  # 5.0 lies on the rim of 3.0's ball
    np.testing.assert_allclose(found.density, 1)  # 0.5 in two balls, 5.0 in one
    np.testing.assert_allclose(found.coverage, 1)
    np.testing.assert_allclose(found.recall, 1)


def test_too_many_neighbours_are_refused(real):
    with pytest.raises(InvalidValue):
        precision_recall(real, fakes("few")[:, :5], k=5)
