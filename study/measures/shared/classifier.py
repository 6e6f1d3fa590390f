"""The classifier of real images."""

from __future__ import annotations

import numpy as np

from study.measures.registry import Images, shared
from study.measures.tools.classifier import ImageClassifier


@shared(needs=("images",))
def classifier(images: Images) -> ImageClassifier:
    """Fit the classifier on the training images."""
    return ImageClassifier.fit(images.train_x.astype(np.float64), images.train_y)
