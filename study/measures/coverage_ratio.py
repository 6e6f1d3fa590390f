"""The coverage of a sampler relative to another's."""

from __future__ import annotations

from collections.abc import Callable

from study.latent.gaussians import Array
from study.measures.registry import measure
from study.measures.tools.neighbours import ratio


@measure(unit="ratio", needs=("coverage",))
def coverage_ratio(
    coverage: Callable[[str], Array], *, sampler: str = "prior", reference: str = "training_aggregate"
) -> Array:
    """Coverage of a sampler over the coverage of the reference; 0 where the reference has none.

    It is 1 where both draw from one distribution, at any dimension. A class of ten that is never drawn may not lower
    it, since more images of the others are; class overlap sees that.

    Args:
        coverage: Sampler → coverage, ``(replica,)``.
        sampler: Where the latents come from.
        reference: What they are compared with.

    Source:
        Naeem et al. 2020, "Reliable fidelity and diversity metrics for generative models".
    """
    return ratio(coverage(sampler), coverage(reference))
