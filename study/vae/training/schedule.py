"""The schedule of training: the factor of the KL weight in each epoch, and the step size at each step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from study.types import Float32

if TYPE_CHECKING:
    from study.vae.config import VAEConfig


def warmup(config: VAEConfig, epoch: ArrayLike) -> Float32:
    """Return the factor of the KL weight in epochs counted from 0: linear over the warm-up, then 1."""
    return np.minimum(1.0, (np.asarray(epoch) + 1) / (config.kl_warmup_epochs + 1)).astype(np.float32)


def learning_rate(config: VAEConfig, step: ArrayLike, steps: int) -> Float32:
    """Return Adam's step size at steps counted from 0: half a cosine, which reaches zero after the last of ``steps``.

    Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017.
    """
    part = np.minimum(1.0, np.asarray(step) / steps)
    return (config.learning_rate * 0.5 * (1.0 + np.cos(np.pi * part))).astype(np.float32)
