"""The entropy of drawing binary pixels from grey images."""

from __future__ import annotations

import numpy as np
from scipy.special import entr

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import Images, measure


@measure(unit="nats", needs=("images", "heldout"))
def pixel_entropy(images: Images, q: DiagonalGaussians) -> Array:
    """Mean over held-out images of the entropy of their pixels, drawn from the grey values, nats.

    No decoder has a smaller distortion, in expectation: not even one that is told the grey image.

    Args:
        images: Real images, grey.
        q: Posteriors, which say how many replicas share the number.

    Source:
        Cover & Thomas 2006, theorem 2.6.3.
    """
    grey = images.heldout_x.astype(np.float64)
    return np.full(q.replicas, (entr(grey) + entr(1 - grey)).sum(1).mean())
