"""The coverage of a sampler relative to another's."""

from __future__ import annotations

import numpy as np

from study.testing import Loses, Planted


def coverage(**samplers: np.ndarray):
    return lambda sampler: samplers[sampler]


PLANTED = Planted(
    {"coverage": coverage(prior=np.array([0.4, 0.9]), training_aggregate=np.array([0.8, 0.9]))},
    np.array([0.5, 1.0]),
    1e-12,
)
# A decoder that reaches nothing represents nothing.
LOSES = Loses({"coverage": coverage(prior=np.zeros(2), training_aggregate=np.zeros(2))}, below=1e-12)
