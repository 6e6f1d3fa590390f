"""The schedule of training: how many epochs, and the factor of the KL weight in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from study.types import Float32

if TYPE_CHECKING:
    from study.vae.config import VAEConfig


def epochs(config: VAEConfig) -> int:
    """Return the epochs that a block is trained for at most: whole windows."""
    return -(-config.max_epochs // config.window_epochs) * config.window_epochs


def warmup(config: VAEConfig, epoch: ArrayLike) -> Float32:
    """Return the factor of the KL weight in epochs counted from 0: linear over the warm-up, then 1."""
    return np.minimum(1.0, (np.asarray(epoch) + 1) / (config.kl_warmup_epochs + 1)).astype(np.float32)
