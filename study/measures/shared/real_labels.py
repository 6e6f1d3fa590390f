"""What the classifier says of real held-out images."""

from __future__ import annotations

import numpy as np

from study.measures.registry import Images, shared
from study.measures.tools.classifier import ImageClassifier
from study.types import Labels


@shared(needs=("images", "classifier"))
def real_labels(images: Images, classifier: ImageClassifier) -> Labels:
    """Label the held-out images, ``(sample,)``."""
    return classifier.label(images.heldout_x.astype(np.float64))
