"""What the judge of "for generation the encoder does not matter" says where log p(x) is known."""

from __future__ import annotations

import numpy as np
import planting
import pytest
from hypothesis import settings
from planting import R, S

from study.data.linear_gaussian import LinearGaussian
from study.latent.gaussians import DiagonalGaussians

CLAIM = "encoder_is_irrelevant_to_generation"
ROWS = ("narrow-D2", "narrow-D8", "linear-D8")
TESTS = {"decoder_alone": "test_the_decoder_alone", "damage": "test_the_damage"}


def other(block):
    """Whether a block is that of the encoder which is compared with the plain one."""
    return block.config.encoder_width == 2 or block.config.encoder_depth == 0


def same_data(block):
    """The block of the plain encoder, so that both see the same images."""
    plain = block.config.replace(encoder_width=32, encoder_depth=1)
    return planting.linear_gaussian(planting.replace(planting.first(block), config=plain.replace(activation="relu")))


def planted(change):
    """VAEs of one decoder, of which the other encoder is changed."""
    return planting.values(lambda block: change(same_data(block)) if other(block) else same_data(block))


def wide(vae):
    """The same decoder, and posteriors of twice the deviation."""

    def widened(q):
        return DiagonalGaussians(q.mean, q.log_var + np.log(4))

    encode = vae["encode"]
    splits = {split: widened(vae[split]) for split in ("train", "heldout")}
    return {**vae, **splits, "encode": lambda x: widened(encode(x))}


def worse(vae):
    """A decoder that takes half of every latent, so that it knows less of an image."""
    likelihood, images = vae["log_likelihood"], vae["sample_images"]
    changed = {
        "log_likelihood": lambda x, z: likelihood(x, z / 4),
        "sample_images": lambda z, seed: images(z / 4, seed),
    }
    return {**vae, **changed}


@pytest.mark.parametrize("row", ROWS)
def test_equal_vaes_cost_nothing(said, row):
    found = said(planted(lambda vae: vae), {"row": row})
    assert (found.verdict, found.reason) == (R, "negligible"), found
    assert abs(found.median) < 0.01


@pytest.mark.parametrize("row", ROWS)
def test_another_encoder_of_the_same_decoder_costs_nothing(said, row):
    found = said(planted(wide), {"row": row})
    assert (found.verdict, found.reason) == (R, "negligible"), found
    assert abs(found.median) < 0.05


@pytest.mark.parametrize("row", ROWS)
def test_a_worse_decoder_costs_nats(said, row):
    found = said(planted(worse), {"row": row})
    assert (found.verdict, found.reach) == (S, 24), found


@pytest.mark.parametrize("row", TESTS)
def test_the_theorems_hold_in_every_case(proved, row):
    found = proved(CLAIM, TESTS[row], row)
    assert (found.verdict, found.reach, found.short) == (S, settings.default.max_examples, 0), found


@pytest.mark.parametrize(("row", "method"), [("decoder_alone", "log_density"), ("damage", "inference_gap")])
def test_a_thousandth_too_much_is_found_and_shrunken(monkeypatch, proved, row, method):
    right = getattr(LinearGaussian, method)
    monkeypatch.setattr(LinearGaussian, method, lambda self, *given: 1.001 * right(self, *given))
    found = proved(CLAIM, TESTS[row], row)
    assert found.verdict == R, found
    assert "features=1, seed=0" in found.note, found.note
