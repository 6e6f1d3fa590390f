"""What the judge of "q(z|x) is as close to p(z|x) as possible" says where the gap is known.

The decoder is linear-Gaussian, and so the true posteriors are known: the encoder gives them, or others.
"""

from __future__ import annotations

import numpy as np
import planting
import pytest
from planting import INCONCLUSIVE, R, S

from study.latent.gaussians import DiagonalGaussians

CLAIM = "inference_gap_is_small"
ROWS = [{"latents": name} for name in ("D2", "D4", "D8")]


def planted(change):
    """VAEs whose encoder is that of the true posteriors, changed."""

    def plant(block):
        vae = planting.linear_gaussian(block)
        encode = vae["encode"]
        splits = {split: change(vae[split]) for split in ("train", "heldout")}
        return {**vae, **splits, "encode": lambda x: change(encode(x))}

    return planting.values(plant, everywhere=True)


@pytest.mark.parametrize("row", ROWS)
def test_true_posteriors_have_no_gap(said, row):
    found = said(planted(lambda q: q), row)
    assert (found.verdict, found.reach) == (S, 24), found
    assert found.median == pytest.approx(0.2, abs=0.02)


@pytest.mark.parametrize("row", ROWS)
def test_posteriors_that_are_too_wide_have_one(said, row):
    """(e − 2) / 2 nats a latent, of 0.6 to 1.2 of rate."""
    found = said(planted(lambda q: DiagonalGaussians(q.mean, q.log_var + 1)), row)
    assert (found.verdict, found.short) == (R, 24), found


@pytest.mark.parametrize("row", ROWS)
def test_posteriors_of_other_images_have_one(said, row):
    found = said(planted(lambda q: DiagonalGaussians(np.roll(q.mean, 1, axis=1), q.log_var)), row)
    assert (found.verdict, found.short) == (R, 24), found


def test_a_collapsed_vae_says_nothing(said):
    found = said(planted(lambda q: DiagonalGaussians(0 * q.mean, 0 * q.log_var)), ROWS[0])
    assert (found.verdict, found.reason) == (INCONCLUSIVE, "not applicable"), found
