"""How many generated images look real."""

from __future__ import annotations

from collections.abc import Callable

from study.latent.gaussians import Array
from study.measures.registry import measure
from study.measures.shared.generated import Generated
from study.measures.tools import neighbours


@measure(unit="share", needs=("generated",))
def precision(generated: Callable[[str], Generated], *, sampler: str) -> Array:
    """Share of a sampler's images inside the ball of some real held-out image.

    A ball reaches to the fifth nearest neighbour of its own kind, in pixels. The mean over ten disjoint sets of as many
    generated images as real ones, at most 1,000.

    Args:
        generated: Sampler → real and generated images.
        sampler: Where the latents come from; never the held-out images themselves, whose draws lie beside them.

    Source:
        Kynkäänniemi et al. 2019, "Improved precision and recall metric".
    """
    return generated(sampler).mean(neighbours.precision)
