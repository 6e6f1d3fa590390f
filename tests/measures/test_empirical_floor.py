"""The least marginal KL that the training images allow."""

from __future__ import annotations

import numpy as np
from planted import collapsed, rates

from study.testing import Loses, Planted

PLANTED = Planted({"train": rates(1.0, 2.0, 6.0)}, 3.0 - np.log(3), 1e-12)
# A collapsed encoder is bounded by nothing.
LOSES = Loses({"train": collapsed()}, below=-4.6)
