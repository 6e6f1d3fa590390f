"""The share of one class among generated images."""

from __future__ import annotations

import numpy as np
import pytest
from planted import shares

from study.errors import InvalidValue
from study.measures.class_share import class_share
from study.measures.tools.classifier import ImageClassifier
from study.testing import Loses, Planted

CLASSIFIER = ImageClassifier(None, np.array([3, 5, 7]))
NEEDS = {"class_shares": shares(prior=np.array([[0.5, 0.3, 0.2], [0.1, 0.0, 0.9]])), "classifier": CLASSIFIER}
PLANTED = Planted(NEEDS, np.array([0.3, 0.0]), 0.0, {"sampler": "prior", "label": 5})
LOSES = Loses(
    {"class_shares": shares(prior=np.array([[1.0, 0, 0]] * 2)), "classifier": CLASSIFIER},
    below=0.01,
    arguments={"sampler": "prior", "label": 7},
)


def test_an_unknown_class_is_refused():
    with pytest.raises(InvalidValue, match=r"one of \[3, 5, 7\]"):
        class_share(NEEDS["class_shares"], CLASSIFIER, sampler="prior", label=4)
