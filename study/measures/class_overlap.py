"""How far the classes of generated images are those of the data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from study.latent.gaussians import Array
from study.measures.registry import measure


@measure(unit="share", needs=("class_shares", "real_shares"))
def class_overlap(
    class_shares: Callable[[str, str], Array],
    real_shares: Array,
    *,
    sampler: str,
    calibrated_on: Literal["real", "reconstructions"] = "real",
) -> Array:
    """Overlap of the class shares of generated and of real images, 1 − total variation, in [0, 1].

    Args:
        class_shares: Sampler and calibration → shares of generated images, ``(replica, class)``.
        real_shares: Shares of held-out images, ``(class,)``.
        sampler: Where the latents come from.
        calibrated_on: Images that the classifier's errors are counted on.

    Source:
        Levin, Peres & Wilmer 2009, "Markov chains and mixing times", section 4.1 (total variation).
    """
    return 1 - 0.5 * np.abs(class_shares(sampler, calibrated_on) - real_shares).sum(-1)
