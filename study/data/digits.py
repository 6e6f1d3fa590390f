"""Scikit-learn's handwritten digits: 1,797 images of 8 x 8 pixels, on board.

Source: Alpaydin & Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning Repository.
"""

from __future__ import annotations

import numpy as np

from study import seeds
from study.data.dataset import Raw, stratified_order, verify

HELDOUT = 360
"""Held-out images; the other 1,437 are for training."""
GREY_LEVELS = 17
DIGEST = "5bc7f24e2d037bcb2a7115e0717894f69e75510dae324a18ed27b05ac11e849d"
LABEL_DIGEST = "deaab039eca19034987bf3669193f35fa40f052727a6d1ae89fa5eac6521f4d0"


def read(folder: str | None = None) -> Raw:
    """Return the 1,437 training and 360 held-out images of the study's one stratified split.

    Args:
        folder: Not looked at: they are on board.

    Raises:
        DataUnavailable: Where scikit-learn ships other images.
    """
    del folder
    from sklearn.datasets import load_digits  # slow to import

    bunch = load_digits()
    images, labels = bunch.images.astype(np.uint8), bunch.target.astype(np.uint8)
    verify("scikit-learn's load_digits().images", images, DIGEST)
    verify("scikit-learn's load_digits().target", labels, LABEL_DIGEST)
    # A root of its own: fresh seeds for training must not move the split that inference is conditional on.
    order = stratified_order(labels, seeds.generator("digits", "split", root="data"))
    heldout, train = np.sort(order[:HELDOUT]), np.sort(order[HELDOUT:])
    return Raw(images[train], labels[train], images[heldout], labels[heldout])


def reachable() -> tuple[bool, str]:
    """Say whether the data set can be reached, and where."""
    return True, "scikit-learn"
