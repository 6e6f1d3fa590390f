"""One Gaussian a class, at draws of the held-out aggregate."""

from __future__ import annotations

import numpy as np

from study.latent.full_gaussians import FullGaussians
from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import Images, shared

RIDGE = 1e-4
"""Added to every variance, as to those of the fitted samplers."""


@shared(needs=("train", "quilt_draws", "images"))
def class_densities(train: DiagonalGaussians, z: Array, images: Images) -> Array:
    """Compute log(share · density) of one Gaussian a class of training images, nats, ``(replica, class, m)``.

    Each has mean and covariance of its class's part of q_n, exactly: nothing is fitted. Classes are those of the
    training images, in their order.
    """
    found = []
    for label in np.unique(images.train_y):
        own = images.train_y == label
        mean, var = train.mean[:, own], train.var[:, own]
        centre = mean.mean(1)
        centred = mean - centre[:, None]
        covariance = centred.swapaxes(1, 2) @ centred / own.sum()
        covariance += (var.mean(1) + RIDGE)[:, None] * np.eye(train.latent)
        each = zip(centre, covariance, z, strict=True)
        found.append([FullGaussians(np.ones(1), m[None], c[None]).log_density(points) for m, c, points in each])
    shares = np.unique(images.train_y, return_counts=True)[1] / len(images.train_y)
    return np.stack(found, axis=1) + np.log(shares)[:, None]
