"""What the classifier says of held-out images, or of their reconstructions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import shared
from study.measures.tools.classifier import ImageClassifier
from study.types import Labels


@shared(needs=("real_labels", "heldout", "decode", "classifier"))
def heldout_labels(
    real_labels: Labels,
    q: DiagonalGaussians,
    decode: Callable[[Array], Array],
    classifier: ImageClassifier,
    *,
    of: Literal["real", "reconstructions"],
) -> Labels:
    """Label the held-out images, ``(sample,)``, or their reconstructions, ``(replica, sample)``."""
    if of == "real":
        return real_labels
    return np.stack([classifier.label(images) for images in decode(q.mean)])
