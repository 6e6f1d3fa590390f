"""How much better than one Gaussian as many as there are classes, found without labels, describe q(z)."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import Array, DiagonalGaussians
from study.latent.samplers.gaussian import fit
from study.latent.samplers.gaussian_mixture import several
from study.measures.registry import Images, Seeds, measure


@measure(unit="nats", needs=("training_draws", "quilt_draws", "train", "images", "seeds"))
def unlabelled_gain(drawn: Array, z: Array, train: DiagonalGaussians, images: Images, seeds: Seeds) -> Array:
    """Mean log density of held-out aggregate draws under as many Gaussians as classes, less that under one, nats.

    They are of full covariance, fitted without labels to draws of training images: what labels could at best explain
    better, and what a quilt is compared with.

    Args:
        drawn: Draws of training posteriors.
        z: Draws of held-out posteriors.
        train: Posteriors of the training split, whose moments the one Gaussian has.
        images: Real images; only the number of their classes counts.
        seeds: For the first means.

    Source:
        Dempster, Laird & Rubin 1977; Arthur & Vassilvitskii 2007 for the first means.
    """
    classes, each = len(np.unique(images.train_y)), zip(drawn, z, seeds("unlabelled"), strict=True)
    gains = [several(points, classes, one).log_density(held).mean() for points, held, one in each]
    return np.array(gains) - fit(train, train).log_density(z).mean(1)
