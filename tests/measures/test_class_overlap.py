"""Overlap of the classes of generated and of real images."""

from __future__ import annotations

import numpy as np
from planted import shares

from study.testing import Loses, Planted

REAL = np.full(3, 1 / 3)
PRIOR = np.array([[0.5, 0.25, 0.25], [0.0, 0.0, 1.0]])
PLANTED = Planted(
    {"class_shares": shares(prior=PRIOR), "real_shares": REAL}, np.array([5 / 6, 1 / 3]), 1e-12, {"sampler": "prior"}
)
# A generator of one class only.
LOSES = Loses(
    {"class_shares": shares(prior=np.array([[1.0, 0, 0]] * 2)), "real_shares": REAL},
    below=0.34,
    arguments={"sampler": "prior"},
)
