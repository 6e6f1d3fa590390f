"""The classifiers of images, on digits."""

from __future__ import annotations

import numpy as np
import pytest

from study.data.loading import load
from study.measures.tools.classifier import CLASSIFIERS, COMPONENTS, ImageClassifier
from study.measures.tools.shares import missed, shares_of
from study.seeds import generator

DATA = load("digits")


@pytest.fixture(scope="module", params=CLASSIFIERS, name="classifier")
def classifier_(request) -> ImageClassifier:
    return ImageClassifier.fit(request.param, DATA.train_x, DATA.train_y)


def test_it_knows_digits(classifier):
    assert (classifier.label(DATA.heldout_x) == DATA.heldout_y).mean() > 0.98
    parts = classifier.label(DATA.heldout_x[:12].reshape(3, 4, 64))
    np.testing.assert_array_equal(parts.ravel(), classifier.label(DATA.heldout_x[:12]))


def test_a_generator_that_never_draws_one_class_misses_it(classifier):
    for c in range(10):
        shares = shares_of(classifier.label(DATA.heldout_x[DATA.heldout_y != c]), classifier.classes)
        np.testing.assert_array_equal(missed(shares), classifier.classes == c)
    assert not missed(shares_of(classifier.label(DATA.heldout_x), classifier.classes)).any()


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_it_repeats_and_large_images_are_projected(name):
    x = generator("large").normal(size=(300, COMPONENTS + 20))
    y = (x[:, 0] > 0).astype(int)
    x[:, 0] *= 20
    one, other = (ImageClassifier.fit(name, x, y) for _ in range(2))
    assert len(one.model.steps) > len(ImageClassifier.fit(name, x[:, :COMPONENTS], y).model.steps)
    np.testing.assert_array_equal(one.label(x), other.label(x))
    assert (one.label(x) == y).mean() > 0.9
