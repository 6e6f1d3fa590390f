"""What a latent tells of the class of its image."""

from __future__ import annotations

import numpy as np
from scipy.special import entr, logsumexp

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import Images, measure


@measure(unit="nats", needs=("class_densities", "heldout_redraws", "images"))
def class_information(class_densities: Array, heldout: DiagonalGaussians, images: Images) -> Array:
    """Lower bound on I(class; z) of held-out images, by draws of their posteriors, nats.

    H(class) + E log p̂(class|z), with p̂ by Bayes' rule from one Gaussian a class of training images. On average it is
    below the information, whatever p̂: it loses KL(p(class|z) ‖ p̂). Below 0 where p̂ misleads.

    Args:
        class_densities: Log of share times density of every class's Gaussian at the draws.
        heldout: Posteriors of redraws of held-out images, those of an image in a row: which draw is of which image.
        images: Real images with their classes.

    Returns:
        ``(replica,)``, at most the entropy of the classes.

    Source:
        Barber & Agakov 2003, "The IM algorithm: a variational approach to information maximization".
    """
    _, counts = np.unique(images.heldout_y, return_counts=True)
    image = heldout.component(class_densities.shape[2]) // (heldout.samples // len(images.heldout_y))
    own = np.searchsorted(np.unique(images.train_y), images.heldout_y[image])
    posterior = class_densities - logsumexp(class_densities, axis=1, keepdims=True)
    told = np.take_along_axis(posterior, own[None, None], axis=1)[:, 0]
    return told.mean(1) + entr(counts / counts.sum()).sum()
