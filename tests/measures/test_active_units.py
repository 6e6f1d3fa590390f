"""Active units."""

from __future__ import annotations

import numpy as np
from planted import collapsed, hole, spread

from study.measures.active_units import active_units
from study.testing import Loses, Planted

PLANTED = Planted({"train": hole()}, 1.0, 0.0)
LOSES = Loses({"train": collapsed()}, below=0.5)


def test_counts():
    np.testing.assert_array_equal(active_units(spread(100, 5, 0.1)), [5.0] * 3)
    np.testing.assert_array_equal(active_units(spread(100, 5, 0.1), threshold=20.0), [0.0] * 3)
    assert active_units(hole()).dtype == np.float64
