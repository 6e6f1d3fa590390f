"""What the judge of "a draw of the prior is probably close to some code" says of planted holes."""

from __future__ import annotations

import numpy as np
import planting
import pytest
from planting import INCONCLUSIVE, R, S
from scipy.special import ndtr, ndtri

from study.latent.gaussians import DiagonalGaussians

CLAIM = "prior_samples_near_encodings"
HOLES = ["hole-w1-D2", "hole-w1-D4"]


def without(cut, dead=0):
    """VAEs whose means leave out the half space that holds ``cut`` of them; along the diagonal, as the yardstick's."""

    def plant(block):
        latent = block.config.latent_dim
        vae = planting.gaussian(block)
        spread = np.sqrt(1 - planting.variance(latent, planting.RATES[latent]))

        def emptied(q):
            along = q.mean.mean(-1) * np.sqrt(latent)
            kept = spread * ndtri(ndtr(along / spread) * (1 - cut))
            return DiagonalGaussians(q.mean + ((kept - along) / np.sqrt(latent))[..., None], q.log_var)

        return {name: planting.with_dead(emptied(q), dead) for name, q in vae.items()}

    return planting.values(plant, everywhere=True)


@pytest.mark.parametrize("row", [*HOLES, "hole-w1-D8", "near-w1-D2"])
def test_an_exact_prior_leaves_nothing_empty(said, row):
    found = said(without(0.0), {"row": row})
    assert (found.verdict, found.reach) == (S, 24), found


@pytest.mark.parametrize("row", [*HOLES, "near-w1-D2"])
def test_a_hole_of_two_fifths_is_rejected(said, row):
    found = said(without(0.4), {"row": row})
    assert (found.verdict, found.short) == (R, 24), found


@pytest.mark.parametrize("row", HOLES)
def test_a_hole_of_a_fifth_is_on_the_line(said, row):
    found = said(without(0.2), {"row": row})
    assert abs(found.median) < 0.02, found


@pytest.mark.parametrize("cut", [0.0, 0.4])
def test_dead_latents_change_nothing(said, cut):
    """Two latents, and six dead ones, in the row of two."""
    alone, among = (said(without(cut, dead), {"row": "hole-w1-D2"}) for dead in (0, 6))
    assert alone.verdict == among.verdict, (alone, among)
    assert alone.median == pytest.approx(among.median, abs=0.02)


def test_a_collapsed_vae_says_nothing(said):
    found = said(planting.values(planting.collapsed), {"row": "hole-w1-D2"})
    assert (found.verdict, found.reason) == (INCONCLUSIVE, "not applicable"), found
