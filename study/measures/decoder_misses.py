"""Classes that the decoder does not reach."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from study.latent.gaussians import Array
from study.measures.registry import measure
from study.measures.tools.classifier import CLASSIFIERS
from study.measures.tools.shares import missed


@measure(unit="classes", needs=("label_shares",))
def decoder_misses(
    label_shares: Callable[[str], Array],
    *,
    sampler: str = "training_aggregate",
    classifier: Literal["worse", "knn", "svc"] = "worse",
) -> Array:
    """Number of classes with less than 1 % of the decoded draws of the training images' aggregate posterior.

    Args:
        label_shares: Sampler → shares by either classifier, ``(replica, classifier, class)``.
        sampler: Where the latents come from.
        classifier: Which classifier labels; ``worse``: the one that misses more.

    Source:
        The question: what no latent decodes to, no sampling can represent.
    """
    found = missed(label_shares(sampler)).sum(-1).astype(float)
    return found.max(-1) if classifier == "worse" else found[:, CLASSIFIERS.index(classifier)]
