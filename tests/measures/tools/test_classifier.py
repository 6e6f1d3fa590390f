"""The classifier of images, on digits and on planted generators."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from study.measures.tools import shares as sh
from study.measures.tools.classifier import ImageClassifier
from study.seeds import generator

CLASSES = np.arange(10)


@pytest.fixture(scope="module", name="digits")
def digits_() -> tuple[np.ndarray, np.ndarray]:
    """Images in [0, 1] and labels, shuffled."""
    x, y = load_digits(return_X_y=True)
    order = generator("digits").permutation(len(x))
    return x[order] / 16, y[order]


@pytest.fixture(scope="module", name="classifier")
def classifier_(digits) -> ImageClassifier:
    """Fitted on the first 1,000 digits."""
    return ImageClassifier.fit(digits[0][:1000], digits[1][:1000])


def test_classifier_knows_digits_and_repeats(classifier, digits):
    x, y = digits[0], digits[1]
    assert (classifier.label(x[1000:]) == y[1000:]).mean() > 0.96
    again = ImageClassifier.fit(x[:1000], y[:1000])
    np.testing.assert_array_equal(again.label(x[1000:]), classifier.label(x[1000:]))
    np.testing.assert_array_equal(classifier.label(x[:12].reshape(3, 4, 64)).ravel(), classifier.label(x[:12]))


def test_a_generator_that_never_draws_one_class(classifier, digits):
    x, y = digits[0][1000:], digits[1][1000:]
    confusion = sh.confusion(classifier.label(x), y, CLASSES)
    np.testing.assert_allclose(confusion.sum(-1), 1)
    missing = sh.correct(sh.shares_of(classifier.label(x[y != 3]), CLASSES), confusion)
    np.testing.assert_array_equal(sh.missed(missing), CLASSES == 3)
    full = sh.correct(sh.shares_of(classifier.label(x), CLASSES), confusion)
    assert not sh.missed(full).any()
