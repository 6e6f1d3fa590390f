"""How many real images have a generated one beside them."""

from __future__ import annotations

from collections.abc import Callable

from study.latent.gaussians import Array
from study.measures.registry import measure


@measure(unit="share", needs=("fidelity",))
def coverage(fidelity: Callable[[str, str], Array], *, sampler: str) -> Array:
    """Share of real held-out images whose ball holds some image of a sampler.

    A ball reaches to the fifth nearest neighbour of its own kind, in pixels. The mean over ten disjoint sets of as many
    generated images as real ones, at most 1,000.

    Args:
        fidelity: Sampler and name of a measure → its value, ``(replica,)``.
        sampler: Where the latents come from; never the held-out images themselves, whose draws lie beside them.

    Source:
        Naeem et al. 2020, "Reliable fidelity and diversity metrics for generative models".
    """
    return fidelity(sampler, "coverage")
