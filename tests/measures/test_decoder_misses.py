"""Classes that the decoder does not reach."""

from __future__ import annotations

import numpy as np
from planted import shares

from study.testing import Loses, Planted

PLANTED = Planted(
    {"class_shares": shares(aggregate=np.array([[0.0, 0.5, 0.5], [0.995, 0.005, 0.0]]))}, np.array([1.0, 2.0]), 0.0
)
# A decoder that reaches one class of four.
LOSES = Loses({"class_shares": shares(aggregate=np.array([[1.0, 0, 0, 0]] * 2))}, above=2.5)
