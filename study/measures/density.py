"""How closely real images stand around generated ones."""

from __future__ import annotations

from collections.abc import Callable

from study.latent.gaussians import Array
from study.measures.registry import measure
from study.measures.tools.neighbours import Fidelity


@measure(unit="ratio", needs=("fidelity",))
def density(fidelity: Callable[[str], Fidelity], *, sampler: str) -> Array:
    """Mean number of balls of real images around an image of a sampler, over k; may pass 1.

    A ball reaches to the fifth nearest neighbour of its own kind, in pixels.

    Source:
        Naeem et al. 2020, "Reliable fidelity and diversity metrics for generative models".
    """
    return fidelity(sampler).density
