"""Every latent multiplied by one factor, and divided by it again before the decoder: only the KL changes.

So the aggregate posterior moves as far from the prior as one likes, and no reconstruction tells.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from study.errors import InvalidValue
from study.types import Weights
from study.vae.networks import _contract as networks

if TYPE_CHECKING:
    from study.vae.config import VAEConfig


def apply(config: VAEConfig, weights: Weights, *, factor: float) -> Weights:
    """Multiply mean and scale of q(z|x) by a factor, and divide the kernel of the decoder's first layer by it.

    Args:
        config: The VAE; its prior is ``normal``, since another bijection does not commute with a factor.
        weights: Its weights ``{path: (replica, …)}``.
        factor: The factor, above 0.

    Returns:
        The changed weights, float32.

    Raises:
        InvalidValue: If the prior is another one, or the factor is not a finite number above 0.
    """
    if config.prior != "normal":
        raise InvalidValue("prior", config.prior, "'normal' for rescaled latents")
    if not (math.isfinite(factor) and factor > 0):
        raise InvalidValue("factor", factor, "a finite number > 0")
    layers = list(networks.load(config.network).layers(config))
    first = layers[layers.index("posterior") + 1]
    latent = config.latent_dim
    changed = {path: weight.copy() for path, weight in weights.items()}
    changed["posterior/kernel"][..., :latent] *= np.float32(factor)
    changed["posterior/bias"][..., :latent] *= np.float32(factor)
    changed["posterior/bias"][..., latent:] += np.float32(2 * math.log(factor))
    changed[f"{first}/kernel"] /= np.float32(factor)
    return changed
