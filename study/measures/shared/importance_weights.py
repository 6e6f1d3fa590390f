"""Importance weights of the held-out images."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import Seeds, shared

DRAWS = 64
"""Draws an image."""


@shared(needs=("heldout", "log_joint", "seeds"))
def importance_weights(q: DiagonalGaussians, log_joint: Callable[[Array], Array], seeds: Seeds) -> Array:
    """Compute log p(x, z) − log q(z|x) of draws of every held-out posterior, nats, ``(replica, sample, draw)``."""
    drawn = q.draw(seeds("importance"), DRAWS * q.samples)
    z = drawn.reshape(q.replicas, DRAWS, q.samples, q.latent)
    columns = []
    for k in range(DRAWS):
        joint = log_joint(z[:, k])
        standard = (z[:, k] - q.mean) ** 2 / np.exp(q.log_var)
        log_q = -0.5 * (standard + q.log_var + math.log(2 * math.pi)).sum(-1)
        columns.append(joint - log_q)
    return np.stack(columns, axis=-1)
