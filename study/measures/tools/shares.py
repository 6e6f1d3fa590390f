"""Class shares: counted from labels, compared, and which classes are missed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from study.latent.gaussians import Array
from study.types import Labels

LEAST = 0.01
"""Share below which a class counts as missed."""


def shares_of(labels: Labels, classes: Labels) -> Array:
    """Share of each class among labels, ``(..., n)`` → ``(..., class)``."""
    return np.stack([(labels == c).mean(-1) for c in classes], axis=-1)


def overlap(shares: Array, real: Array) -> Array:
    """Overlap of shares with those of real images, 1 − total variation, ``(…, class)`` → ``(…)``.

    Source:
        Levin, Peres & Wilmer 2009, "Markov chains and mixing times", section 4.1 (total variation).
    """
    return 1 - 0.5 * np.abs(shares - real).sum(-1)


def missed(shares: Array) -> NDArray[np.bool_]:
    """Say which classes are missed, ``(…, class)``."""
    return np.asarray(shares) < LEAST
