"""The classifiers of real images."""

from __future__ import annotations

import numpy as np

from study.measures.registry import Images, shared
from study.measures.tools.classifier import CLASSIFIERS, ImageClassifier


@shared(needs=("images",))
def classifiers(images: Images) -> tuple[ImageClassifier, ...]:
    """Fit every classifier on the training images, in the order of ``CLASSIFIERS``."""
    x = images.train_x.astype(np.float64)
    return tuple(ImageClassifier.fit(name, x, images.train_y) for name in CLASSIFIERS)
