"""Second moments of the aggregate posterior against the prior's."""

from __future__ import annotations

import numpy as np
from planted import collapsed, spread

from study.measures.second_moment_excess import second_moment_excess
from study.testing import Loses, Planted

WIDE = spread(20_000, 2, 0.1, 2.0)
PLANTED = Planted({"train": WIDE, "heldout": WIDE}, 1.0, 0.05)
# An aggregate that is too small by half.
NARROW = spread(20_000, 2, 0.1, 0.5)
LOSES = Loses({"train": NARROW, "heldout": NARROW}, below=-0.45)


def test_rescaling_leaves_only_what_the_splits_differ_by():
    train, heldout = spread(20_000, 2, 0.1, 2.0, "train"), spread(20_000, 2, 0.1, 2.0, "heldout")
    np.testing.assert_allclose(second_moment_excess(train, heldout, rescaled=True), 0.0, atol=0.05)
    assert (second_moment_excess(train, heldout) > 0.9).all()


def test_no_active_dimension_has_no_excess():
    np.testing.assert_array_equal(second_moment_excess(collapsed(), WIDE_OF_FOUR), [0.0] * 3)


WIDE_OF_FOUR = spread(100, 4, 0.1, 2.0)
