"""Overlap of the classes of generated and of real images."""

from __future__ import annotations

import numpy as np
from planted import shares

from study.measures.class_overlap import class_overlap
from study.testing import Loses, Planted

REAL = np.full(3, 1 / 3)
ONE, OTHER = np.array([0.5, 0.25, 0.25]), np.array([0.0, 0.0, 1.0])
PRIOR = np.stack([np.stack([ONE, ONE]), np.stack([ONE, OTHER])])  # two replicas by two classifiers
PLANTED = Planted(
    {"label_shares": shares(prior=PRIOR), "real_shares": REAL}, np.array([5 / 6, 1 / 3]), 1e-12, {"sampler": "prior"}
)
# A generator of one class only.
LOSES = Loses(
    {"label_shares": shares(prior=np.array([[[1.0, 0, 0]] * 2] * 2)), "real_shares": REAL},
    below=0.34,
    arguments={"sampler": "prior"},
)


def test_either_classifier_can_be_asked_alone():
    found = [class_overlap(shares(prior=PRIOR), REAL, sampler="prior", classifier=one) for one in ("knn", "svc")]
    np.testing.assert_allclose(found, [[5 / 6, 5 / 6], [5 / 6, 1 / 3]])
