"""Second moments of the aggregate posterior against the prior's."""

from __future__ import annotations

import numpy as np
import pytest
from planted import collapsed, measured, population, spread

from study.measures.second_moment_excess import second_moment_excess
from study.testing import Loses, Planted

WIDE = spread(20_000, 2, 0.1, 2.0)
PLANTED = Planted({"train": WIDE, "heldout_redraws": WIDE}, 1.0, 0.05)
# An aggregate that is too small by half.
NARROW = spread(20_000, 2, 0.1, 0.5)
LOSES = Loses({"train": NARROW, "heldout_redraws": NARROW}, below=-0.45)


@pytest.mark.parametrize("latent", [2, 4, 8, 16])
def test_rescaling_leaves_only_what_the_splits_differ_by(latent):
    """An exact prior has none, but for 360 images: a standard error of 0.075 ÷ √D."""
    for total in (1.0, 2.0):
        raw, rescaled = (
            measured("second_moment_excess", population(latent, total=total), rescaled=r).low for r in (False, True)
        )
        np.testing.assert_allclose(raw, total - 1, atol=0.3 * total / np.sqrt(latent))
        np.testing.assert_allclose(rescaled, 0.0, atol=0.35 / np.sqrt(latent))


def test_dead_dimensions_do_not_count_and_none_active_is_zero():
    plain, dead = (measured("second_moment_excess", population(2, total=2.0, dead=d)).low for d in (0, 6))
    np.testing.assert_allclose(plain, dead, atol=0.4)
    assert (dead > 0.7).all()
    np.testing.assert_array_equal(second_moment_excess(collapsed(), spread(100, 4, 0.1, 2.0)), 0)
