"""How often a reconstruction still shows its class."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import Images, measure
from study.measures.tools.classifier import ImageClassifier


@measure(unit="share", needs=("heldout", "decode", "classifiers", "images"))
def reconstruction_accuracy(
    q: DiagonalGaussians,
    decode: Callable[[Array], Array],
    classifiers: tuple[ImageClassifier, ...],
    images: Images,
) -> Array:
    """Share of decoded posterior means of held-out images that nearest neighbours among real images label rightly.

    Source:
        Odena, Olah & Shlens 2017, "Conditional image synthesis with auxiliary classifier GANs": the accuracy of a
        classifier of real images on generated ones.
    """
    return np.mean(classifiers[0].label(decode(q.mean)) == images.heldout_y, axis=-1)
