"""Class shares of generated images, the classifier's errors undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from study.latent.gaussians import Array
from study.measures.registry import Images, shared
from study.measures.tools.classifier import ImageClassifier
from study.measures.tools.shares import confusion, correct
from study.types import Labels


@shared(needs=("label_shares", "heldout_labels", "images", "classifier"))
def class_shares(
    label_shares: Callable[[str], Array],
    heldout_labels: Callable[[str], Labels],
    images: Images,
    classifier: ImageClassifier,
    *,
    sampler: str,
    calibrated_on: Literal["real", "reconstructions"],
) -> Array:
    """Correct a sampler's label shares by the classifier's confusion on held-out images, ``(replica, class)``.

    On their reconstructions, what the decoder blurs counts among the classifier's errors.
    """
    seen = label_shares(sampler)
    found = heldout_labels(calibrated_on)
    if calibrated_on == "real":
        return correct(seen, confusion(found, images.heldout_y, classifier.classes))
    pairs = zip(seen, found, strict=True)
    return np.stack([correct(row, confusion(own, images.heldout_y, classifier.classes)) for row, own in pairs])
