"""How far the classes of generated images are those of the data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from study.latent.gaussians import Array
from study.measures.registry import measure
from study.measures.tools.classifier import CLASSIFIERS
from study.measures.tools.shares import overlap


@measure(unit="share", needs=("label_shares", "real_shares"))
def class_overlap(
    label_shares: Callable[[str], Array],
    real_shares: Array,
    *,
    sampler: str,
    classifier: Literal["worse", "knn", "svc"] = "worse",
) -> Array:
    """Overlap of the class shares of a sampler's images and of held-out ones, 1 − total variation, in [0, 1].

    Args:
        label_shares: Sampler → shares by either classifier, ``(replica, classifier, class)``.
        real_shares: Shares of held-out images, ``(class,)``.
        sampler: Where the latents come from.
        classifier: Which classifier labels; ``worse``: the one that says less.

    Source:
        Levin, Peres & Wilmer 2009, "Markov chains and mixing times", section 4.1 (total variation).
    """
    found = overlap(label_shares(sampler), real_shares)
    return found.min(-1) if classifier == "worse" else found[:, CLASSIFIERS.index(classifier)]
