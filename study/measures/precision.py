"""How many generated images look real."""

from __future__ import annotations

from collections.abc import Callable

from study.latent.gaussians import Array
from study.measures.registry import measure
from study.measures.tools.neighbours import Fidelity


@measure(unit="share", needs=("fidelity",))
def precision(fidelity: Callable[[str], Fidelity], *, sampler: str) -> Array:
    """Share of a sampler's images inside the ball of some real image.

    A ball reaches to the fifth nearest neighbour of its own kind, in pixels.

    Source:
        Kynkäänniemi et al. 2019, "Improved precision and recall metric".
    """
    return fidelity(sampler).precision
