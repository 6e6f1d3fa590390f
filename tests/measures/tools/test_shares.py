"""Class shares, their overlap, and classes missed."""

from __future__ import annotations

import numpy as np

from study.measures.tools.shares import missed, overlap, shares_of


def test_shares_are_counted_and_small_ones_missed():
    labels = np.array([[0, 0, 1, 2], [2, 2, 2, 2]])
    shares = shares_of(labels, np.arange(3))
    np.testing.assert_allclose(shares, [[0.5, 0.25, 0.25], [0, 0, 1]])
    np.testing.assert_array_equal(missed(shares), [[False] * 3, [True, True, False]])


def test_the_overlap_is_one_less_total_variation():
    real = np.array([0.5, 0.5, 0.0])
    np.testing.assert_allclose(
        overlap(np.array([[0.5, 0.5, 0.0], [0.0, 0.0, 1.0], [0.5, 0.25, 0.25]]), real), [1, 0, 0.75]
    )
