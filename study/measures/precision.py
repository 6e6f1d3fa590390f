"""How many generated images look real."""

from __future__ import annotations

from collections.abc import Callable

from study.latent.gaussians import Array
from study.measures.registry import measure


@measure(unit="share", needs=("fidelity",))
def precision(fidelity: Callable[[str, str], Array], *, sampler: str) -> Array:
    """Share of a sampler's images inside the ball of some real held-out image.

    A ball reaches to the fifth nearest neighbour of its own kind, in pixels. The mean over ten disjoint sets of as many
    generated images as real ones, at most 1,000.

    Args:
        fidelity: Sampler and name of a measure → its value, ``(replica,)``.
        sampler: Where the latents come from; never the held-out images themselves, whose draws lie beside them.

    Source:
        Kynkäänniemi et al. 2019, "Improved precision and recall metric".
    """
    return fidelity(sampler, "precision")
