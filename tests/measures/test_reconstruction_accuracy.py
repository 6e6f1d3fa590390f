"""How often a reconstruction still shows its class."""

from __future__ import annotations

import numpy as np

from study.measures._registry import Images
from study.testing import Loses, Planted

Y = np.array([0, 1, 2, 3])
IMAGES = Images(np.zeros((4, 1), np.float32), Y, np.zeros((4, 1), np.float32), Y)


def labels(*found: list[int]):
    return lambda of: {"reconstructions": np.array(found)}[of]


PLANTED = Planted({"heldout_labels": labels([0, 1, 2, 3], [0, 1, 0, 0]), "images": IMAGES}, np.array([1.0, 0.5]), 0.0)
# A decoder that gives one class whatever the image.
LOSES = Loses({"heldout_labels": labels([1] * 4, [2] * 4), "images": IMAGES}, below=0.3)
