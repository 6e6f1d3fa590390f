"""How heavy the tails of importance weights are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from study.errors import InvalidValue
from study.latent.gaussians import Array
from study.measures.registry import measure
from study.measures.tools.nats import Compared


@measure(unit="tail index", needs=("compared_nats",))
def pareto_k(
    compared: Callable[[str, str, float], Compared],
    *,
    sampler: str,
    reference: str = "prior",
    accuracy: float = 0.01,
    percentile: float = 95.0,
) -> Array:
    """Percentile over held-out images of Pareto k̂, the tail index of the weights behind a sampler's nats.

    Up to 0.7 a mean of weights can be trusted; where they are all equal, it is set to −1.

    Args:
        compared: Two samplers and an accuracy → their nats.
        sampler: What takes the prior's place.
        reference: What it is compared with; it decides on the stage, too.
        accuracy: Gap up to which the first stage is exact enough, nats.
        percentile: Percentile, 50 for the median.

    Source:
        Vehtari et al. 2024, "Pareto smoothed importance sampling".
    """
    if not 0 <= percentile <= 100:
        raise InvalidValue("percentile", percentile, "a number in [0, 100]")
    found = compared(sampler, reference, accuracy).pareto
    return np.array([np.interp(percentile, np.arange(101), one) for one in found])
