"""Active units."""

from __future__ import annotations

import numpy as np

from study.measures.active_units import active_units


def test_counts(collapsed, hole, spread):
    np.testing.assert_array_equal(active_units(collapsed), [0.0] * 3)
    np.testing.assert_array_equal(active_units(hole), [1.0] * 3)
    np.testing.assert_array_equal(active_units(spread(100, 5, 0.1)), [5.0] * 3)
    assert active_units(hole).dtype == np.float64
