"""Nearest neighbours among real and generated images."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from study.latent.gaussians import Array
from study.measures.registry import Images, shared
from study.measures.tools.neighbours import Fidelity, precision_recall

COMPARED = 1_000
"""Generated images looked at, per replica: evenly spaced draws, so whole rounds over the components."""
REAL = 2_000
"""Real images that they are compared with, at most."""


@shared(needs=("draws", "decode", "images"))
def fidelity(
    draws: Callable[[str], Array], decode: Callable[[Array], Array], images: Images, *, sampler: str
) -> Fidelity:
    """Compare 1,000 images of a sampler with up to 2,000 held-out images."""
    z = draws(sampler)
    spread = np.linspace(0, z.shape[1] - 1, COMPARED).round().astype(np.intp)
    return precision_recall(images.heldout_x[:REAL].astype(np.float64), decode(z[:, spread]))
