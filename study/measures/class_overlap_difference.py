"""What sampling costs in class overlap, whatever the decoder costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from study.latent.gaussians import Array
from study.measures.registry import measure
from study.measures.tools.classifier import CLASSIFIERS
from study.measures.tools.shares import overlap


@measure(unit="share", needs=("label_shares", "real_shares"))
def class_overlap_difference(
    label_shares: Callable[[str], Array],
    real_shares: Array,
    *,
    sampler: str = "prior",
    reference: str = "training_aggregate",
    classifier: Literal["worse", "knn", "svc"] = "worse",
) -> Array:
    """Class overlap of a sampler less that of the reference, both by the same classifier.

    What the decoder misses, both miss; a ratio would forgive a decoder that ignores its latents, and so does this: ask
    ``decoder_misses``, too.

    Args:
        label_shares: Sampler → shares by either classifier, ``(replica, classifier, class)``.
        real_shares: Shares of held-out images, ``(class,)``.
        sampler: Where the latents come from.
        reference: What they are compared with.
        classifier: Which classifier labels; ``worse``: the one whose difference is less.

    Source:
        Levin, Peres & Wilmer 2009, "Markov chains and mixing times", section 4.1 (total variation).
    """
    found = overlap(label_shares(sampler), real_shares) - overlap(label_shares(reference), real_shares)
    return found.min(-1) if classifier == "worse" else found[:, CLASSIFIERS.index(classifier)]
