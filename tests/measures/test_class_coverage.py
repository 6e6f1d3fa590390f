"""Classes of generated images on planted generators."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from study.errors import InvalidValue
from study.measures import class_coverage as cc
from study.seeds import generator

CLASSES = np.arange(10)


@pytest.fixture(scope="module", name="digits")
def digits_() -> tuple[np.ndarray, np.ndarray]:
    """Images in [0, 1] and labels, shuffled."""
    x, y = load_digits(return_X_y=True)
    order = generator("digits").permutation(len(x))
    return x[order] / 16, y[order]


@pytest.fixture(scope="module", name="classifier")
def classifier_(digits) -> cc.ImageClassifier:
    """Fitted on the first 1,000 digits."""
    return cc.ImageClassifier.fit(digits[0][:1000], digits[1][:1000])


def test_classifier_knows_digits_and_repeats(classifier, digits):
    x, y = digits[0], digits[1]
    assert classifier.accuracy(x[1000:], y[1000:]) > 0.96
    again = cc.ImageClassifier.fit(x[:1000], y[:1000])
    np.testing.assert_array_equal(again.label(x[1000:]), classifier.label(x[1000:]))
    np.testing.assert_array_equal(classifier.label(x[:12].reshape(3, 4, 64)).ravel(), classifier.label(x[:12]))


def test_confusion_rows_sum_to_one_and_need_every_class(classifier, digits):
    x, y = digits[0][1000:], digits[1][1000:]
    np.testing.assert_allclose(classifier.confusion(x, y).sum(-1), 1)
    with pytest.raises(InvalidValue):
        classifier.confusion(x[y != 3], y[y != 3])


def test_a_generator_that_never_draws_one_class(classifier, digits):
    x, y = digits[0][1000:], digits[1][1000:]
    confusion = classifier.confusion(x, y)
    full = cc.correct(cc.class_shares(classifier.label(x), CLASSES), confusion)
    missing = cc.correct(cc.class_shares(classifier.label(x[y != 3]), CLASSES), confusion)
    assert cc.min_share_ratio(full[None], full[None])[0] == 1
    assert cc.min_share_ratio(missing[None], full[None])[0] < 0.1
    np.testing.assert_array_equal(cc.decoder_misses(missing[None])[0], CLASSES == 3)
    np.testing.assert_allclose(cc.total_variation(missing, cc.class_shares(y, CLASSES)), (y == 3).mean(), atol=0.02)


def test_correction_undoes_a_planted_confusion():
    confusion = np.array([[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.0, 0.0, 1.0]])
    true = np.array([[0.5, 0.3, 0.2], [0.0, 0.0, 1.0]])
    np.testing.assert_allclose(cc.correct(true @ confusion, confusion), true, atol=1e-9)
    assert cc.correct(true[0] @ confusion, confusion).shape == (3,)


def test_decoder_failures_are_told_from_sampling_failures():
    prior, aggregate = np.array([[0.0, 0.5, 0.5], [0.1, 0.3, 0.6]]), np.array([[0.0, 0.5, 0.5], [0.4, 0.3, 0.3]])
    np.testing.assert_allclose(cc.min_share_ratio(prior, aggregate), [1.0, 0.25])
    np.testing.assert_array_equal(cc.decoder_misses(aggregate), [[True, False, False], [False] * 3])
    np.testing.assert_array_equal(cc.min_share_ratio(np.ones((1, 2)), np.zeros((1, 2))), [0.0])


def test_shares_and_total_variation():
    labels = np.array([[0, 0, 1, 2], [2, 2, 2, 2]])
    shares = cc.class_shares(labels, np.arange(3))
    np.testing.assert_allclose(shares, [[0.5, 0.25, 0.25], [0, 0, 1]])
    np.testing.assert_allclose(cc.total_variation(shares, np.full(3, 1 / 3)), [1 / 6, 2 / 3])
