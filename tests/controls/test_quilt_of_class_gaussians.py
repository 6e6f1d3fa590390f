"""What the judge of "a quilt of ten Gaussians" says of planted classes."""

from __future__ import annotations

import numpy as np
import planting
import pytest
from planting import INCONCLUSIVE, R, S

from study.latent.gaussians import DiagonalGaussians
from study.measures.registry import Images
from study.seeds import generator

CLAIM = "quilt_of_class_gaussians"
CLASSES = 10
COUNT = {"train": 1000, "heldout": 400}


def quilt(told=True, tight=0.15):
    """VAEs of ten classes, Gaussians of variance ``tight`` in two latents; together of mean 0 and covariance I."""

    def plant(block):
        latent = block.config.latent_dim
        rng = generator("quilt", block.config.key, block.index, root="controls")
        centres = np.sqrt(1 - tight) * standard(generator("centres", root="controls").normal(size=(CLASSES, 2)))
        var = 0.05
        found, labels = {}, {}
        for split, count in COUNT.items():
            label = generator("order", split, root="controls").permutation(np.arange(count) % CLASSES)
            mean = np.zeros((8, count, latent))
            mean[..., :2] = centres[label] + rng.normal(0, np.sqrt(tight - var), (8, count, 2))
            log_var = np.zeros_like(mean)
            log_var[..., :2] = np.log(var)
            found[split] = found[f"{split}_redraws"] = DiagonalGaussians(mean, log_var)
            labels[split] = label if told else generator("labels", split, root="controls").permutation(label)
        return {**found, "images": pictures(labels)}

    return planting.values(plant, everywhere=True)


def standard(centres):
    """Centres of mean 0 and covariance I."""
    centres = centres - centres.mean(0)
    return centres @ np.linalg.inv(np.linalg.cholesky(np.cov(centres.T, bias=True))).T


def pictures(labels):
    pixels = {split: np.zeros((len(label), 1), np.float32) for split, label in labels.items()}
    return Images(pixels["train"], labels["train"], pixels["heldout"], labels["heldout"])


def sectors(block):
    """An exact N(0, I) whose classes are sectors of the first two latents: no departure, and much is told."""
    latent, var = block.config.latent_dim, 0.1
    rng = generator("sectors", block.config.key, block.index, root="controls")
    found, labels = {}, {}
    for split, count in COUNT.items():
        mean = np.repeat(rng.normal(0, np.sqrt(1 - var), (1, count, latent)), 8, axis=0)  # one labelling for all
        found[split] = found[f"{split}_redraws"] = planting.posteriors(mean, var)
        angle = np.arctan2(mean[0, :, 1], mean[0, :, 0]) / np.pi + 1
        labels[split] = np.minimum(angle / 2 * CLASSES, CLASSES - 1).astype(int)
    return {**found, "images": pictures(labels)}


@pytest.mark.parametrize("row", ["explains-w1-D2", "information-w1-D2", "information-w1-D8", "labels-w1-D4"])
def test_a_quilt_is_seen(said, row):
    found = said(quilt(), {"row": row})
    assert (found.verdict, found.reach) == (S, 24), found


@pytest.mark.parametrize("row", ["explains-w1-D2", "information-w1-D2", "labels-w1-D4"])
def test_permuted_labels_explain_nothing(said, row):
    found = said(quilt(told=False), {"row": row})
    assert (found.verdict, found.short) == (R, 24), found


@pytest.mark.parametrize("row", ["explains-w1-D2", "explains-w1-D4", "labels-w1-D4"])
def test_where_nothing_departs_no_part_of_it_is_explained(said, row):
    found = said(planting.values(sectors, everywhere=True), {"row": row})
    assert (found.verdict, found.reason) == (INCONCLUSIVE, "not applicable"), found


def test_sectors_of_an_exact_prior_tell_the_class_all_the_same(said):
    found = said(planting.values(sectors, everywhere=True), {"row": "information-w1-D2"})
    assert (found.verdict, found.reach) == (S, 24), found
