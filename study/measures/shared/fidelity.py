"""Nearest neighbours among real and generated images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from study.errors import InvalidValue
from study.latent.gaussians import Array
from study.measures.registry import Images, shared
from study.measures.tools import neighbours

REAL = 1_000
"""Real held-out images at most, the first ones: on MNIST they bound time and memory."""
SETS = 10
"""Sets of as many generated images as there are real ones."""
MEASURES = {"coverage": neighbours.coverage, "precision": neighbours.precision, "recall": neighbours.recall}


@shared(needs=("draws", "decode", "images"))
def fidelity(
    draws: Callable[[str], Array],
    decode: Callable[[Array], Array],
    images: Images,
    *,
    sampler: str,
    of: Literal["coverage", "precision", "recall"],
) -> Array:
    """Average a measure of real and generated images over ten disjoint sets of a sampler's draws, ``(replica,)``."""
    real = images.heldout_x[:REAL].astype(np.float64)
    z = draws(sampler)
    if z.shape[1] < SETS * len(real):
        raise InvalidValue("draws", z.shape[1], f"{SETS * len(real)} draws or more")
    stride = z.shape[1] // len(real)  # so that each set is spread over all components of a stratified sampler
    sets = (decode(z[:, number::stride][:, : len(real)]) for number in range(SETS))
    return np.mean([MEASURES[of](real, one) for one in sets], axis=0)
