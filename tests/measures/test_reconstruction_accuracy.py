"""How often a reconstruction still shows its class."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import DiagonalGaussians
from study.measures.registry import Images
from study.testing import Loses, Planted


class Rounded:
    """A classifier of images of one pixel, whose class is their value."""

    def label(self, images):
        return np.asarray(images)[..., 0].round().astype(int)


Y = np.array([0, 1, 1, 2])
IMAGES = Images(Y[:, None].astype(np.float32), Y, Y[:, None].astype(np.float32), Y)


def case(*means: list[float]) -> dict[str, object]:
    mean = np.array(means, float)[..., None]
    q = DiagonalGaussians(mean, np.zeros_like(mean))
    return {"heldout": q, "decode": lambda z: z, "classifiers": (Rounded(),), "images": IMAGES}


PLANTED = Planted(case([0, 1, 1, 2], [0, 0, 0, 2]), np.array([1.0, 0.5]), 1e-12, sample_order=False)
# A decoder of one image only.
LOSES = Loses(case([1, 1, 1, 1], [1, 1, 1, 1]), below=0.51)
