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


@shared(needs=("draws", "decode", "classifier"))
def label_shares(
    draws: Callable[[str], Array], decode: Callable[[Array], Array], classifier: ImageClassifier, *, sampler: str
) -> Array:
    """Label the mean images of a sampler's draws, never sampled pixels, and count, shares, ``(replica, class)``."""
    z = draws(sampler)
    labels = [classifier.label(decode(z[:, i : i + AT_ONCE])) for i in range(0, z.shape[1], AT_ONCE)]
    return shares_of(np.concatenate(labels, axis=1), classifier.classes)
