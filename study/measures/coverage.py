"""How many real images have a generated one beside them."""

from __future__ import annotations

from collections.abc import Callable

from study.latent.gaussians import Array
from study.measures.registry import measure
from study.measures.shared.generated import Generated
from study.measures.tools import neighbours


@measure(unit="share", needs=("generated",))
def coverage(generated: Callable[[str], Generated], *, sampler: str) -> Array:
    """Share of real held-out images whose ball holds some image of a sampler.

    A ball reaches to the fifth nearest neighbour of its own kind, in pixels. The mean over ten disjoint sets of as many
    generated images as real ones, at most 1,000.

    Args:
        generated: Sampler → real and generated images.
        sampler: Where the latents come from; never the held-out images themselves, whose draws lie beside them.

    Source:
        Naeem et al. 2020, "Reliable fidelity and diversity metrics for generative models".
    """
    return generated(sampler).mean(neighbours.coverage)
