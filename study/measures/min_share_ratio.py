"""The class that a sampler represents worst."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from study.latent.gaussians import Array
from study.measures.registry import measure
from study.measures.tools.shares import missed


@measure(unit="ratio of shares", needs=("class_shares",))
def min_share_ratio(
    class_shares: Callable[[str, str], Array],
    *,
    sampler: str = "prior",
    reference: str = "aggregate",
    calibrated_on: Literal["real", "reconstructions"] = "real",
) -> Array:
    """Least over classes of share(images of the sampler) / share(images of the reference), a ratio.

    A class that the reference misses as well is the decoder's failure, not the sampling's: it is left out here and
    counted by ``decoder_misses``. Where all are missed there is nothing to represent, and the ratio is 0.

    Args:
        class_shares: Sampler and calibration → shares of generated images, ``(replica, class)``.
        sampler: Where the latents come from.
        reference: What they are compared with.
        calibrated_on: Images that the classifier's errors are counted on.

    Source:
        The question: "sampling the prior never gives some of the classes".
    """
    shares, present = class_shares(sampler, calibrated_on), class_shares(reference, calibrated_on)
    reached = ~missed(present)
    ratio = np.where(reached, shares / np.where(reached, present, 1.0), np.inf).min(-1)
    return np.where(reached.any(-1), ratio, 0.0)
