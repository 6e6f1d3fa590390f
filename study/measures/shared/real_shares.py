"""Class shares of real held-out images."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import Array
from study.measures.registry import Images, shared
from study.measures.tools.shares import shares_of


@shared(needs=("images",))
def real_shares(images: Images) -> Array:
    """Count the true classes of the held-out images, shares, ``(class,)``."""
    return shares_of(images.heldout_y, np.unique(images.train_y))
