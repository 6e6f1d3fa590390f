"""The density of a sampler relative to another's."""

from __future__ import annotations

from collections.abc import Callable

from study.latent.gaussians import Array
from study.measures.registry import measure
from study.measures.tools.neighbours import ratio


@measure(unit="ratio", needs=("density",))
def density_ratio(density: Callable[[str], Array], *, sampler: str = "prior", reference: str = "aggregate") -> Array:
    """Density of a sampler over the density of the reference; 0 where the reference has none.

    Args:
        density: Sampler → density, ``(replica,)``.
        sampler: Where the latents come from.
        reference: What they are compared with.

    Source:
        Naeem et al. 2020, "Reliable fidelity and diversity metrics for generative models".
    """
    return ratio(density(sampler), density(reference))
