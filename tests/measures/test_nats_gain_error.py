"""The error of a gain over images; its arithmetic is tested with the tool."""

from __future__ import annotations

import numpy as np
from planted import compared, nats

from study.testing import Loses, Planted

ERROR = np.array([0.02, 0.03])
PLANTED = Planted({"compared_nats": nats(compared(error=ERROR))}, ERROR, 1e-12, {"sampler": "gaussian"})
LOSES = Loses({"compared_nats": nats(compared(error=ERROR + 1))}, above=1, arguments={"sampler": "gaussian"})
