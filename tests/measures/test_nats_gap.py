"""The larger of two gaps."""

from __future__ import annotations

import numpy as np
from planted import compared, nats

from study.testing import Loses, Planted

FOUND = compared(gap=np.array([0.02, 0.0]), reference_gap=np.array([0.01, 0.03]))
PLANTED = Planted({"compared_nats": nats(FOUND)}, np.array([0.02, 0.03]), 1e-12, {"sampler": "gaussian"})
LOSES = Loses({"compared_nats": nats(compared(gap=np.full(2, 3.0)))}, above=0.05, arguments={"sampler": "gaussian"})
