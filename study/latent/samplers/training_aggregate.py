"""The aggregate posterior of the training images, q_n(z), as a sampler."""

from __future__ import annotations

from study.latent.gaussians import DiagonalGaussians


def fit(train: DiagonalGaussians, heldout: DiagonalGaussians) -> DiagonalGaussians:
    """Return the mixture of the training posteriors; its draws are stratified over the images.

    Source:
        Makhzani et al. 2016, "Adversarial autoencoders" (aggregate posterior).
    """
    del heldout
    return train
