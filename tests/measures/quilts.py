"""Planted quilts: images of two classes, at −a and a of the first latent; for tests of this folder."""

from __future__ import annotations

import numpy as np
from planted import REPLICAS, seeds

from study.latent.gaussians import DiagonalGaussians
from study.measures.registry import Images
from study.seeds import generator

SPREAD = 0.5
"""Deviation of a class along the first latent; the second one is N(0, 1)."""


def clusters(a: float = 3.0, count: int = 4000, key: str = "", told: bool = True) -> dict[str, object]:
    """What measures of a quilt need; where the classes are not told the labels are drawn anew."""
    found = {}
    labels = {}
    for split in ("train", "heldout_redraws"):
        rng = generator("clusters", split, key)
        label = rng.permutation(np.repeat([0, 1], count // 2))
        narrow = 0.1  # deviation of a posterior
        mean = rng.normal(0, np.sqrt([SPREAD**2 - narrow**2, 1 - narrow**2]), (REPLICAS, count, 2))
        mean[:, :, 0] += np.where(label, a, -a)
        found[split] = DiagonalGaussians(mean, np.full_like(mean, 2 * np.log(narrow)))
        labels[split] = label if told else rng.permutation(label)
    pixels = np.zeros((count, 1), np.float32)
    images = Images(pixels, labels["train"], pixels, labels["heldout_redraws"])
    return {**found, "images": images, "seeds": seeds}


def over_one_gaussian(a: float) -> float:
    """What two clusters that hardly overlap gain over one Gaussian, nats."""
    return 0.5 * np.log((a**2 + SPREAD**2) / SPREAD**2) - np.log(2)
