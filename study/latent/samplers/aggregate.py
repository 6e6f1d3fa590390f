"""Draws from the aggregate posterior of the held-out images."""

from __future__ import annotations

from study.latent.gaussians import DiagonalGaussians
from study.latent.samplers._contract import Draw


def fit(train: DiagonalGaussians, heldout: DiagonalGaussians) -> Draw:
    """Return stratified draws of the mixture of the held-out posteriors, which the decoder never trained on.

    Source:
        Makhzani et al. 2016, "Adversarial autoencoders" (aggregate posterior).
    """
    return heldout.draw
