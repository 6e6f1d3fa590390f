"""What a constant image misses of held-out images: the distortion of a VAE that has collapsed."""

from __future__ import annotations

import numpy as np

from study.errors import InvalidValue
from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import Images, measure
from study.types import Float32


@measure(unit="nats", needs=("heldout_x", "images", "heldout"))
def constant_distortion(x: Float32, images: Images, q: DiagonalGaussians) -> Array:
    """Mean over held-out images of −log p(x) under the mean of the training images, whatever z, nats.

    It is the distortion of the best decoder that ignores z, and so the negative ELBO of a VAE that has collapsed. A
    pixel's mean is that of n images and of one half-lit one, so that no pixel is impossible.

    Args:
        x: Held-out images of binary pixels, as the VAE sees them.
        images: Real images, of which the grey training ones have that mean.
        q: Posteriors, which say how many replicas share the number.

    Raises:
        InvalidValue: Pixels are not binary.

    Source:
        Krichevsky & Trofimov 1981 for the half image.
    """
    if not np.isin(x, (0, 1)).all():
        raise InvalidValue("heldout_x", "grey pixels", "binary pixels, which have a likelihood")
    count = len(images.train_x)
    mean = (images.train_x.astype(np.float64).sum(0) + 0.5) / (count + 1)
    lit = x.astype(np.float64).mean(0)
    return np.full(q.replicas, -(lit * np.log(mean) + (1 - lit) * np.log1p(-mean)).sum())
