"""How far the gain of a sampler hangs on the images at hand."""

from __future__ import annotations

from collections.abc import Callable

from study.latent.gaussians import Array
from study.measures.registry import measure
from study.measures.tools.nats import Compared


@measure(unit="nats", needs=("compared_nats",))
def nats_gain_error(
    compared: Callable[[str, str, float], Compared],
    *,
    sampler: str,
    reference: str = "prior",
    accuracy: float = 0.01,
) -> Array:
    """Standard error of a sampler's gain over held-out images, by jackknife, nats.

    Of a mean over images the jackknife's error is the standard deviation over the root of their number. The error over
    seeds is another, and smaller.

    Args:
        compared: Two samplers and an accuracy → their nats.
        sampler: What takes the prior's place.
        reference: What it is compared with.
        accuracy: Gap up to which the first stage is exact enough, nats: a fifth of a claim's threshold.

    Source:
        Tukey 1958, "Bias and confidence in not-quite large samples".
    """
    return compared(sampler, reference, accuracy).error
