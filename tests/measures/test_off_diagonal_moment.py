"""How much the dimensions of the aggregate posterior vary together."""

from __future__ import annotations

import numpy as np
from planted import spread

from study.latent.gaussians import DiagonalGaussians
from study.measures.off_diagonal_moment import off_diagonal_moment
from study.testing import Loses, Planted


def crossed(*points: tuple[float, float]) -> DiagonalGaussians:
    """Narrow components at points, the same in both replicas."""
    mean = np.array([points, points])
    return DiagonalGaussians(mean, np.full_like(mean, -20.0))


PLANTED = Planted({"heldout": crossed((1.0, 3.0), (-1.0, 1.0), (3.0, 2.0), (-3.0, 2.0))}, 0.5, 1e-6)
# Both dimensions say the same: each is standard, and together they are not.
LOSES = Loses({"heldout": crossed((1.0, 1.0), (-1.0, -1.0))}, above=0.9)


def test_one_latent_has_none():
    np.testing.assert_array_equal(off_diagonal_moment(spread(50, 1, 0.3)), [0.0] * 3)
