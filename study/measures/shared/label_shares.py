"""Shares of the labels of generated images."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from study.latent.gaussians import Array
from study.measures.registry import shared
from study.measures.tools.classifier import ImageClassifier
from study.measures.tools.shares import shares_of

AT_ONCE = 2_000
"""Latents decoded and labelled at once, per replica."""


@shared(needs=("draws", "decode", "classifiers"))
def label_shares(
    draws: Callable[[str], Array],
    decode: Callable[[Array], Array],
    classifiers: tuple[ImageClassifier, ...],
    *,
    sampler: str,
) -> Array:
    """Label the mean images of a sampler's draws by every classifier, and count: shares.

    Never sampled pixels: a collapsed VAE with pixel noise looks covered.

    Returns:
        ``(replica, classifier, class)``.
    """
    z = draws(sampler)
    parts = []
    for i in range(0, z.shape[1], AT_ONCE):
        images = decode(z[:, i : i + AT_ONCE])
        parts.append([one.label(images) for one in classifiers])
    labels = [np.concatenate(of_one, axis=1) for of_one in zip(*parts, strict=True)]
    return np.stack([shares_of(of, one.classes) for of, one in zip(labels, classifiers, strict=True)], axis=1)
