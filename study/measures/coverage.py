"""How many real images have a generated one beside them."""

from __future__ import annotations

from collections.abc import Callable

from study.latent.gaussians import Array
from study.measures.registry import measure
from study.measures.tools.neighbours import Fidelity


@measure(unit="share", needs=("fidelity",))
def coverage(fidelity: Callable[[str], Fidelity], *, sampler: str) -> Array:
    """Share of real images whose ball holds some image of a sampler.

    A ball reaches to the fifth nearest neighbour of its own kind, in pixels.

    Source:
        Naeem et al. 2020, "Reliable fidelity and diversity metrics for generative models".
    """
    return fidelity(sampler).coverage
