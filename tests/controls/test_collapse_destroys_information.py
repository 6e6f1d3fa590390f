"""What the judge of "the network would destroy all information" says of planted VAEs, and of planted wrong theorems."""

from __future__ import annotations

import numpy as np
import planting
import pytest
from hypothesis import settings
from planting import R, S

from study.latent.gaussians import DiagonalGaussians, prior_log_density
from study.measures.registry import Images
from study.seeds import generator

CLAIM = "collapse_destroys_information"
PIXELS, FLIPPED = 24, 0.05
TESTS = {
    "information": "test_no_more_information_than_rate",
    "distortion": "test_no_pixel_tells_more_than_the_image",
    "price": "test_no_higher_price_than_the_constant_image_leaves",
}


def quadrants(spread=1.0, bias=-3.0, told=True):
    """VAEs of images of four kinds, one a quadrant of the first two latents; the rest is dead.

    Half of the pixels tell the kind, and the others are dark.

    Args:
        spread: How sure the decoder is of the kind.
        bias: Logit of the dark pixels; −3 is right.
        told: Whether posteriors lie in the quadrant of their image, or are the prior.
    """

    def plant(block):
        rng = generator("quadrants", root="controls")  # one data set for all VAEs
        signs = {"train": rng.choice([-1, 1], (400, 2)), "heldout": rng.choice([-1, 1], (200, 2))}
        telling = np.repeat(np.eye(2), PIXELS // 4, axis=1)  # each of both signs by a quarter of the pixels
        dark = 1 / (1 + np.exp(3.0))

        def grey(sign):
            lit = np.where(sign @ telling > 0, 1 - FLIPPED, FLIPPED)
            return np.concatenate([lit, np.full_like(lit, dark)], axis=1).astype(np.float32)

        x = (rng.random((200, PIXELS)) < grey(signs["heldout"])).astype(np.float32)

        def log_joint(z):
            sure = spread * np.log((1 - FLIPPED) / FLIPPED)
            logits = sure * np.tanh(20 * z[..., :2]) @ telling
            logits = np.concatenate([logits, np.full_like(logits, bias)], axis=-1)
            return -(x * np.logaddexp(0, -logits) + (1 - x) * np.logaddexp(0, logits)).sum(-1) + prior_log_density(z)

        def posteriors(sign):
            mean, log_var = np.zeros((2, 8, len(sign), block.config.latent_dim))
            if told:
                mean[..., :2], log_var[..., :2] = sign, np.log(0.05)
            return DiagonalGaussians(mean, log_var)

        labels = {split: np.zeros(len(sign), int) for split, sign in signs.items()}
        images = Images(grey(signs["train"]), labels["train"], grey(signs["heldout"]), labels["heldout"])
        splits = {split: posteriors(sign) for split, sign in signs.items()}
        return {**splits, "heldout_x": x, "log_joint": log_joint, "images": images}

    return planting.values(plant, everywhere=True)


@pytest.mark.parametrize("row", ["price-D2", "price-D8", "explodes-D2"])
def test_a_vae_that_tells_four_kinds_apart_would_lose_much(said, row):
    found = said(quadrants(spread=0.4), {"row": row})  # fully sure it would miss no more than the pixels' entropy
    assert (found.verdict, found.reach) == (S, 24), found


@pytest.mark.parametrize(("row", "reason"), [("price-D2", "opposite"), ("explodes-D2", None)])
def test_an_output_bias_that_was_reset_is_no_collapse(said, row, reason):
    """It reconstructs badly although it knows the kind: collapse would cost it nothing, and make nothing explode."""
    found = said(quadrants(bias=0.0), {"row": row})
    assert found.verdict == R, found
    assert reason in (None, found.reason), found


@pytest.mark.parametrize("row", ["price-D2", "explodes-D8"])
def test_a_vae_that_has_collapsed_has_nothing_to_lose(said, row):
    found = said(quadrants(spread=0.0, told=False), {"row": row})
    assert found.verdict == R, found


@pytest.mark.parametrize("row", ["driven-D2", "driven-D8"])
def test_collapsed_posteriors_were_driven_there(said, row):
    found = said(planting.values(planting.collapsed), {"row": row})
    assert (found.verdict, found.reach) == (S, 24), found


@pytest.mark.parametrize("row", ["driven-D2", "driven-D8"])
def test_one_latent_that_has_not_collapsed_is_enough_to_refute(said, row):
    def plant(block):
        one = planting.with_latents(planting.first(block), 2)
        return {
            name: planting.with_dead(kept(q), block.config.latent_dim - 1) for name, q in planting.gaussian(one).items()
        }

    def kept(q):
        return DiagonalGaussians(q.mean[..., :1], q.log_var[..., :1])

    found = said(planting.values(plant, everywhere=True), {"row": row})
    assert (found.verdict, found.short) == (R, 24), found


@pytest.mark.parametrize("row", TESTS)
def test_the_inequalities_hold_in_every_case(proved, row):
    found = proved(CLAIM, TESTS[row], row)
    assert (found.verdict, found.reach, found.short) == (S, settings.default.max_examples, 0), found


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ("information", lambda model: model._replace(rate=model.rate / 2)),
        ("distortion", lambda model: model._replace(pixels=model.pixels - 1)),
        ("price", lambda model: model._replace(entropy=2 * model.entropy)),
    ],
)
def test_a_wrong_inequality_is_found_and_shrunken(monkeypatch, proved, row, wrong):
    def plant(module):
        right = module.drawn
        monkeypatch.setattr(module, "drawn", lambda **case: wrong(right(**case)))

    found = proved(CLAIM, TESTS[row], row, plant)
    assert found.verdict == R, found
    assert "pixels=1" in found.note, found.note
