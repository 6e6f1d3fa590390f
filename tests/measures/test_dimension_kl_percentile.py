"""Percentiles over images of the KL of the least informative dimension."""

from __future__ import annotations

import numpy as np
from planted import rates

from study.latent.gaussians import DiagonalGaussians
from study.testing import Loses, Planted


def with_dead(q: DiagonalGaussians) -> DiagonalGaussians:
    """Add a latent that is the prior."""
    dead = np.zeros_like(q.mean)
    return DiagonalGaussians(np.concatenate([q.mean, dead], -1), np.concatenate([q.log_var, dead], -1))


PLANTED = Planted({"heldout": rates(*range(101))}, 5.0, 1e-9, {"percentile": 5.0})
# A dead dimension is the prior, however much the others tell.
LOSES = Loses({"heldout": with_dead(rates(*range(101)))}, below=1e-9, arguments={"percentile": 5.0})
