"""Classes that the decoder does not reach."""

from __future__ import annotations

from collections.abc import Callable

from study.latent.gaussians import Array
from study.measures.registry import measure
from study.measures.tools.shares import missed


@measure(unit="classes", needs=("class_shares",))
def decoder_misses(class_shares: Callable[[str, str], Array], *, sampler: str = "aggregate") -> Array:
    """Number of classes with less than 1 % of the decoded draws of the aggregate posterior.

    Args:
        class_shares: Sampler and calibration → shares of generated images, ``(replica, class)``.
        sampler: Where the latents come from.

    Source:
        The question: what no latent decodes to, no sampling can represent.
    """
    return missed(class_shares(sampler, "real")).sum(-1).astype(float)
