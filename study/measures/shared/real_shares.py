"""Class shares of real held-out images."""

from __future__ import annotations

from study.latent.gaussians import Array
from study.measures.registry import Images, shared
from study.measures.tools.classifier import ImageClassifier
from study.measures.tools.shares import shares_of


@shared(needs=("images", "classifier"))
def real_shares(images: Images, classifier: ImageClassifier) -> Array:
    """Count the true classes of the held-out images, shares, ``(class,)``."""
    return shares_of(images.heldout_y, classifier.classes)
