"""Class shares, and the correction of the classifier's errors."""

from __future__ import annotations

import numpy as np
import pytest

from study.errors import InvalidValue
from study.measures.tools.shares import confusion, correct, missed, shares_of


def test_correction_undoes_a_planted_confusion():
    errors = np.array([[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.0, 0.0, 1.0]])
    true = np.array([[0.5, 0.3, 0.2], [0.0, 0.0, 1.0]])
    np.testing.assert_allclose(correct(true @ errors, errors), true, atol=1e-9)
    assert correct(true[0] @ errors, errors).shape == (3,)


def test_confusion_counts_by_true_class_and_needs_every_class():
    found, labels = np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1])
    np.testing.assert_allclose(confusion(found, labels, np.arange(2)), [[2 / 3, 1 / 3], [0, 1]])
    with pytest.raises(InvalidValue, match="every class"):
        confusion(found, labels, np.arange(3))


def test_shares_are_counted_and_small_ones_missed():
    labels = np.array([[0, 0, 1, 2], [2, 2, 2, 2]])
    shares = shares_of(labels, np.arange(3))
    np.testing.assert_allclose(shares, [[0.5, 0.25, 0.25], [0, 0, 1]])
    np.testing.assert_array_equal(missed(shares), [[False] * 3, [True, True, False]])
