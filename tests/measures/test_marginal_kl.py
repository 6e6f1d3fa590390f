"""Marginal KL of the population."""

from __future__ import annotations

import numpy as np
from planted import hole, seeds, spread

from study.testing import Loses, Planted

# KL(N(0, 2) ‖ N(0, 1)); the means are draws themselves, whose sampling error is left to the tolerance.
TRUTH = 0.5 * (1 - np.log(2))
PAIR = {"train": spread(1500, 1, 0.2, 2.0, "train"), "heldout": spread(500, 1, 0.2, 2.0, "heldout")}
PLANTED = Planted({**PAIR, "seeds": seeds}, TRUTH, 0.1, sample_order=False)
# Mean and variance match the prior's, but there is a hole at 0.
LOSES = Loses({"train": hole(), "heldout": hole(), "seeds": seeds}, above=1.0)
