"""Generated images in disjoint sets, and the real ones that each is compared with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from study.errors import InvalidValue
from study.latent.gaussians import Array
from study.measures.registry import Images, shared

REAL = 1_000
"""Real held-out images at most, the first ones."""
SETS = 10
"""Sets of as many generated images as there are real ones."""


@dataclass(frozen=True, eq=False)
class Generated:
    """Real and generated images.

    Attributes:
        real: Held-out images, grey, ``(n, feature)``.
        sets: Gives a set by its number: mean images ``(replica, n, feature)``.
    """

    real: Array
    sets: Callable[[int], Array]

    def mean(self, measure: Callable[[Array, Array], Array]) -> Array:
        """Average a measure of real and generated images over the sets, ``(replica,)``."""
        return np.mean([measure(self.real, self.sets(number)) for number in range(SETS)], axis=0)


@shared(needs=("draws", "decode", "images"))
def generated(
    draws: Callable[[str], Array], decode: Callable[[Array], Array], images: Images, *, sampler: str
) -> Generated:
    """Decode ten disjoint sets of a sampler's draws, each as many as held-out images: up to 1,000."""
    real = images.heldout_x[:REAL].astype(np.float64)
    z = draws(sampler)
    if z.shape[1] < SETS * len(real):
        raise InvalidValue("draws", z.shape[1], f"{SETS * len(real)} draws or more")
    # Strides, so that each set is spread over all components of a stratified sampler.
    stride = z.shape[1] // len(real)
    return Generated(real, lambda number: decode(z[:, number::stride][:, : len(real)]))
