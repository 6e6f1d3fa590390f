"""Rescaled latents: in a real VAE every image stays, and the KL changes by its closed form."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops

from study.errors import InvalidValue
from study.vae.config import VAEConfig
from study.vae.interventions._contract import intervene
from study.vae.model import VAE

SMALL = VAEConfig(latent_dim=3, encoder_width=6, decoder_width=5)
CONFIGS = [SMALL, SMALL.replace(decoder_depth=0), SMALL.replace(encoder_depth=0, decoder_depth=2, activation="tanh")]


def numpy(value: object) -> np.ndarray:
    return ops.convert_to_numpy(value).astype(np.float64)


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("factor", [0.25, 3.0])
def test_images_stay_and_the_kl_is_the_closed_forms(config: VAEConfig, factor: float) -> None:
    vae, rng = VAE(config, 2), np.random.default_rng(1)
    drawn = {path: w + rng.normal(0, 0.2, w.shape).astype(np.float32) for path, w in vae.stacked_weights().items()}
    vae.load_stacked(drawn)
    x = np.round(rng.random((7, 64))).astype(np.float32)
    noise = rng.normal(size=(2, 7, 3)).astype(np.float32)
    mean, log_var = map(numpy, vae.encode_stacked(x))
    before, _ = map(numpy, vae.elbo_terms_stacked(x, noise))

    vae.load_stacked(intervene("rescaled_latents", config, drawn, factor=factor))
    moved, moved_log_var = map(numpy, vae.encode_stacked(x))
    after, kl = map(numpy, vae.elbo_terms_stacked(x, noise))
    np.testing.assert_allclose(moved, factor * mean, atol=1e-5)
    np.testing.assert_allclose(moved_log_var, log_var + 2 * np.log(factor), atol=1e-5)
    np.testing.assert_allclose(after, before, rtol=1e-5)
    expected = 0.5 * ((factor * mean) ** 2 + factor**2 * np.exp(log_var) - log_var - 2 * np.log(factor) - 1).sum(-1)
    np.testing.assert_allclose(kl, expected, rtol=1e-5, atol=1e-4)


def test_the_weights_given_are_left_alone_and_a_factor_of_one_changes_none() -> None:
    weights = VAE(SMALL, 1).stacked_weights()
    kept = {path: weight.copy() for path, weight in weights.items()}
    intervene("rescaled_latents", SMALL, weights, factor=2.0)
    same = intervene("rescaled_latents", SMALL, weights, factor=1)
    for path, weight in kept.items():
        assert np.array_equal(weights[path], weight), path
        assert np.array_equal(same[path], weight), path
        assert same[path].dtype == np.float32


def test_what_cannot_be_rescaled_is_refused() -> None:
    weights = VAE(SMALL, 1).stacked_weights()
    for factor in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(InvalidValue, match=r"^factor: expected a finite number > 0"):
            intervene("rescaled_latents", SMALL, weights, factor=factor)
    with pytest.raises(InvalidValue, match=r"^prior: expected 'normal'"):
        intervene("rescaled_latents", SMALL.replace(prior="uniform"), weights, factor=2.0)
    with pytest.raises(InvalidValue, match=r"^interventions: expected one of 'rescaled_latents'"):
        intervene("rescaled_latent", SMALL, weights, factor=2.0)
