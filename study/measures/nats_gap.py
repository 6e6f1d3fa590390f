"""How exact the nats of a sampler are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from study.latent.gaussians import Array
from study.measures.registry import measure
from study.measures.tools.nats import Compared


@measure(unit="nats", needs=("compared_nats",))
def nats_gap(
    compared: Callable[[str, str, float], Compared],
    *,
    sampler: str,
    reference: str = "prior",
    accuracy: float = 0.01,
) -> Array:
    """Larger of a sampler's and the reference's gap between upper and lower bound of log p(x), nats.

    Measured on images that the model itself draws, after the second stage where that was needed.

    Args:
        compared: Two samplers and an accuracy → their nats.
        sampler: What takes the prior's place.
        reference: What it is compared with.
        accuracy: Gap up to which the first stage is exact enough, nats: a fifth of a claim's threshold.

    Source:
        Grosse, Ghahramani & Adams 2015, "Sandwiching the marginal likelihood using bidirectional Monte Carlo".
    """
    pair = compared(sampler, reference, accuracy)
    return np.maximum(pair.gap, pair.reference_gap)
