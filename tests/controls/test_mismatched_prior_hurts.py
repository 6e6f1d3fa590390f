"""What the judge of "sampling N(0, I) would misrepresent the data" says of rescaled VAEs whose log p(x) is known."""

from __future__ import annotations

import math
from dataclasses import replace

import planting
import pytest
from hypothesis import settings
from planting import R, S

from study.data.linear_gaussian import LinearGaussian
from study.lab.artefacts import Block, Change, Setting
from study.measures.registry import Measure
from study.vae.config import VAEConfig

CLAIM = "mismatched_prior_hurts"
PLANTED = planting.values(planting.linear_gaussian, everywhere=True)


@pytest.mark.parametrize("row", ["wider-D2", "wider-D8", "narrower-D8"])
def test_latents_of_another_size_cost_nats(said, row):
    found = said(PLANTED, {"row": row})
    assert (found.verdict, found.reach) == (S, 24), found


@pytest.mark.parametrize("row", ["wider-D2", "narrower-D8"])
def test_what_was_not_rescaled_costs_nothing(said, row):
    found = said(lambda block, measure: PLANTED(replace(block, changes=()), measure), {"row": row})
    assert (found.verdict, found.reason, found.median) == (R, "negligible", 0), found


def test_a_collapsed_vae_costs_nothing(said):
    def plant(block):
        vae = planting.linear_gaussian(block)
        alone = vae["log_likelihood"]
        return {**vae, "log_likelihood": lambda x, z: alone(x, 0 * z), "sample_images": lambda z, s: noise(0 * z, s)}

    noise = planting.linear_gaussian(Block(VAEConfig(latent_dim=2), 0, Setting("jax")))["sample_images"]
    found = said(planting.values(plant, everywhere=True), {"row": "wider-D2"})
    assert (found.verdict, found.reason) == (R, "negligible"), found


@pytest.mark.parametrize("factor", [math.sqrt(2), 1 / math.sqrt(2)])
def test_log_p_of_a_rescaled_vae_is_that_in_closed_form(factor):
    block = Block(VAEConfig(latent_dim=2), 0, Setting("jax"))
    x, truth = planting.linear_gaussian(block)["heldout_x"], planting.linear_gaussian_model(2)
    rescaled = LinearGaussian(truth.weights / factor, truth.offset, truth.noise_variance)
    changed = replace(block, changes=(Change("rescaled_latents", (("factor", factor),)),))
    found = planting.values(planting.linear_gaussian)(changed, Measure.of("sampler_nats", accuracy=0.01))
    exact = rescaled.log_density(x).mean()
    assert (found.low < exact + 0.02).all(), (found, exact)
    assert (found.high > exact - 0.02).all(), (found, exact)


def test_the_theorem_holds_in_every_case(proved):
    found = proved(CLAIM, "test_only_the_kl_changes", "rescaled")
    assert (found.verdict, found.reach, found.short) == (S, settings.default.max_examples, 0), found


def test_a_decoder_that_is_not_rescaled_is_found_and_shrunken(monkeypatch, proved):
    def plant(module):
        monkeypatch.setattr(
            module, "LinearGaussian", type("Forgetful", (), {"drawn": LinearGaussian.drawn, "__new__": forgetful})
        )

    def forgetful(cls, weights, offset, noise_variance):
        return LinearGaussian(2 * weights, offset, noise_variance)

    found = proved(CLAIM, "test_only_the_kl_changes", "rescaled", plant)
    assert found.verdict == R, found
    assert "features=1, latents=1, seed=0" in found.note
