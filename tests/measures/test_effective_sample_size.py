"""The effective number of importance samples."""

from __future__ import annotations

from planted import linear_gaussian

from study.testing import Loses, Planted

PLANTED = Planted({"importance_weights": linear_gaussian(0.0)[0]}, 50.0, 1e-6)
LOSES = Loses({"importance_weights": linear_gaussian(3.0)[0]}, below=25.0)
