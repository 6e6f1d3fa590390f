"""What the judge of "the aggregate of good posteriors is close to the prior" says where data and model are known."""

from __future__ import annotations

import numpy as np
import planting
import pytest
from hypothesis import settings
from planting import INCONCLUSIVE, R, S

from study.latent.gaussians import DiagonalGaussians
from study.measures.tools.bracket import Bracket

CLAIM = "aggregate_is_expected_posterior"


def planted(change=lambda q: q, **options):
    """Linear-Gaussian VAEs of data like the model's, or of other latents; all posteriors are changed."""

    def plant(block):
        vae = planting.linear_gaussian(block, **options)
        # Posteriors are those under N(0, I) whatever the data, as a decoder's own are.
        encode = planting.linear_gaussian(block)["encode"]
        noise = planting.generator("images", block.config.key, block.index, root="controls")
        model = planting.linear_gaussian_model(block.config.latent_dim)
        shift, scale = options.get("mean", 0.0), options.get("scale", 1.0)

        def images(count):
            z = shift + scale * noise.normal(size=(8, count, model.latents))
            return z @ model.weights.T + noise.normal(size=(8, count, model.features))

        splits = {"train": change(encode(images(1500))), "heldout_redraws": change(encode(images(1500)))}
        splits["train_redraws"] = change(encode(images(1500)))
        return {**vae, **splits, "encode": lambda x: change(encode(x))}

    return planting.values(plant, everywhere=True)


def wider(q):
    return DiagonalGaussians(q.mean, q.log_var + 1)


@pytest.mark.parametrize("options", [{"mean": 0.7}, {"scale": 1.4}])
def test_data_unlike_the_model_are_farther_than_its_own_images(said, options):
    found = said(planted(**options), {"row": "own-D2"})
    assert (found.verdict, found.reach) == (S, 24), found


@pytest.mark.parametrize("change", [lambda q: q, wider])
def test_data_that_the_model_drew_are_as_far_be_the_encoder_good_or_bad(said, change):
    """A worse encoder is as much worse over both: the difference is 0, which no bracket decides."""
    found = said(planted(change), {"row": "own-D2"})
    assert found.verdict == INCONCLUSIVE, found
    assert max(found.reach, found.short) < 24


@pytest.mark.parametrize(
    ("levels", "elbo", "verdict", "reason"),
    [
        ((0.1, 0.05), (-20, -19), S, ""),
        ((0.05, 0.1), (-20, -19), R, "opposite"),
        ((0.05, 0.1), (-19, -20), INCONCLUSIVE, "not applicable"),
    ],
)
def test_with_more_latents_and_a_better_bound_both_ways_are_told(said, levels, elbo, verdict, reason):
    def values(block, measure):
        level = {2: 0, 4: 1}[block.config.latent_dim]
        number = np.full(8, float((elbo if measure.name == "elbo" else levels)[level]))
        return Bracket(number, number)

    found = said(values, {"row": "doubled-D2"})
    assert (found.verdict, found.reason) == (verdict, reason), found


def test_the_bound_holds_in_every_case(proved):
    found = proved(CLAIM, "test_the_bound", "bound")
    assert (found.verdict, found.reach, found.short) == (S, settings.default.max_examples, 0), found


def test_a_bound_without_what_the_model_misses_is_found_and_shrunken(monkeypatch, proved):
    def plant(module):
        right = module.divergence
        calls = []

        def without(*given):  # every second of three divergences is that of the data from the model
            calls.append(given)
            return 0.0 if len(calls) % 3 == 2 else right(*given)

        monkeypatch.setattr(module, "divergence", without)

    found = proved(CLAIM, "test_the_bound", "bound", plant)
    assert found.verdict == R, found
    assert "features=1, latents=1" in found.note, found.note
