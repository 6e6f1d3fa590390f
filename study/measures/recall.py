"""How many real images are near generated ones."""

from __future__ import annotations

from collections.abc import Callable

from study.latent.gaussians import Array
from study.measures.registry import measure
from study.measures.tools.neighbours import Fidelity


@measure(unit="share", needs=("fidelity",))
def recall(fidelity: Callable[[str], Fidelity], *, sampler: str) -> Array:
    """Share of real images inside the ball of some image of a sampler.

    A ball reaches to the fifth nearest neighbour of its own kind, in pixels.

    Source:
        Kynkäänniemi et al. 2019, "Improved precision and recall metric".
    """
    return fidelity(sampler).recall
