"""The class that a sampler represents worst."""

from __future__ import annotations

import numpy as np
from planted import shares

from study.measures.min_share_ratio import min_share_ratio
from study.testing import Loses, Planted

PRIOR = np.array([[0.0, 0.5, 0.5], [0.1, 0.3, 0.6]])
AGGREGATE = np.array([[0.0, 0.5, 0.5], [0.4, 0.3, 0.3]])
# What the aggregate misses as well is the decoder's failure.
PLANTED = Planted({"class_shares": shares(prior=PRIOR, aggregate=AGGREGATE)}, np.array([1.0, 0.25]), 1e-12)
# A class that the prior never gives.
FULL = np.full((2, 3), 1 / 3)
LOSES = Loses({"class_shares": shares(prior=PRIOR * [0, 1, 1], aggregate=FULL)}, below=0.01)


def test_nothing_to_represent_is_nothing_represented():
    nothing = shares(prior=np.ones((1, 2)), aggregate=np.zeros((1, 2)))
    np.testing.assert_array_equal(min_share_ratio(nothing), [0.0])


def test_it_asks_for_the_samplers_and_the_calibration_named():
    asked = []

    def class_shares(*arguments):
        asked.append(arguments)
        return FULL

    min_share_ratio(class_shares, sampler="a", reference="b", calibrated_on="reconstructions")
    assert asked == [("a", "reconstructions"), ("b", "reconstructions")]
