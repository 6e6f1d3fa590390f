"""Marginal KL of the population, a part for every dimension."""

from __future__ import annotations

import numpy as np
from planted import collapsed, hole

from study.measures.tools.bracket import Bracket
from study.testing import Loses, Planted

PLANTED = Planted(
    {"marginal_kl": Bracket(np.array([2.0, 4.0, 8.0]), np.array([2.0, 4.0, 8.0])), "train": hole()},
    np.array([1.0, 2.0, 4.0]),
    0.0,
)
# Dead dimensions dilute it: 1 nat on one of four dimensions.
LOSES = Loses({"marginal_kl": Bracket(np.ones(3), np.ones(3)), "train": collapsed()}, below=0.3)
