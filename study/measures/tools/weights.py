"""Importance weights, refused where they are none."""

from __future__ import annotations

import numpy as np

from study.errors import InvalidValue
from study.latent.gaussians import Array


def checked(log_weights: Array) -> Array:
    """Return log weights as float64, ``(replica, sample, draw)``.

    Raises:
        InvalidValue: They are not finite, or not of that shape.
    """
    log_weights = np.asarray(log_weights, np.float64)
    if log_weights.ndim != 3 or not log_weights.size or not np.isfinite(log_weights).all():
        raise InvalidValue("log_weights", log_weights.shape, "finite numbers of shape (replica, sample, k)")
    return log_weights
