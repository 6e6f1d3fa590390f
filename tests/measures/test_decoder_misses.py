"""Classes that the decoder does not reach."""

from __future__ import annotations

import numpy as np
from planted import shares

from study.measures.decoder_misses import decoder_misses
from study.testing import Loses, Planted

FEW = np.array([[[0.0, 0.5, 0.5], [0.3, 0.3, 0.4]], [[0.99, 0.005, 0.005], [0.0, 0.9, 0.1]]])
PLANTED = Planted({"label_shares": shares(training_aggregate=FEW)}, np.array([1.0, 2.0]), 0.0)
# A decoder that reaches one class of four.
LOSES = Loses({"label_shares": shares(training_aggregate=np.array([[[1.0, 0, 0, 0]] * 2] * 2))}, above=2.5)


def test_either_classifier_can_be_asked_alone():
    found = [decoder_misses(shares(training_aggregate=FEW), classifier=one) for one in ("knn", "svc")]
    np.testing.assert_array_equal(found, [[1, 2], [0, 1]])
