"""A VAE whose posterior is exact: the control that every measure of the bound and of the aggregate is held to."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops

from study.data.linear_gaussian import LinearGaussian
from study.data.loading import load
from study.errors import InvalidValue
from study.vae.config import VAEConfig
from study.vae.linear_gaussian import linear_gaussian_vae
from study.vae.model import VAE

LATENT = 5


def vae_of(model: LinearGaussian, log_var_shift: float = 0.0) -> VAE:
    """The model as a VAE of two replicas; a shift of the log-variances makes its posterior wrong."""
    scale = float(np.sqrt(model.noise_variance))
    config = VAEConfig(
        latent_dim=model.latents, encoder_depth=0, decoder_depth=0, likelihood="gaussian", gaussian_scale=scale
    )
    encoder = model.encoder()
    encoder = encoder._replace(log_var=encoder.log_var + log_var_shift)
    return linear_gaussian_vae(config, encoder, model.weights, model.offset, replicas=2)


def exact_elbo(vae: VAE, x: np.ndarray) -> np.ndarray:
    """The ELBO's expectation ``(replica, sample)``: it is quadratic in the noise, so noise ±√D e_j gives it exactly."""
    points = np.sqrt(LATENT) * np.vstack([np.eye(LATENT), -np.eye(LATENT)])
    noise = np.tile(np.repeat(points, len(x), axis=0), (2, 1, 1)).astype(np.float32)
    terms = vae.elbo_terms_stacked(np.tile(x, (len(points), 1)).astype(np.float32), noise)
    elbo = np.subtract(*(ops.convert_to_numpy(term).astype(np.float64) for term in terms))
    return elbo.reshape(2, len(points), len(x)).mean(axis=1)


@pytest.fixture(scope="module", params=["drawn", "fitted"])
def model(request: pytest.FixtureRequest) -> LinearGaussian:
    if request.param == "drawn":
        return LinearGaussian.drawn(64, LATENT, "a linear-Gaussian VAE").rotated()
    return LinearGaussian.fit(load("digits").train_x, LATENT)


def test_elbo_is_log_p_of_x(model: LinearGaussian) -> None:
    x = model.sample(40, np.random.default_rng(1)).astype(np.float32)
    np.testing.assert_allclose(exact_elbo(vae_of(model), x), np.tile(model.log_density(x), (2, 1)), rtol=0, atol=1e-3)
    # The judge can fail: variances e^½ too large cost ½ (e^½ - 1 - ½) nats a latent.
    lost = model.log_density(x) - exact_elbo(vae_of(model, 0.5), x)
    np.testing.assert_allclose(lost, LATENT * 0.5 * (np.exp(0.5) - 1.5), atol=2e-3)


def test_posterior_is_exact(model: LinearGaussian) -> None:
    x = model.sample(40, np.random.default_rng(2))
    mean, log_var = map(ops.convert_to_numpy, vae_of(model).encode_stacked(x.astype(np.float32)))
    expected, covariance = model.posterior(x)
    for replica in range(2):
        np.testing.assert_allclose(mean[replica], expected, atol=1e-5)
        np.testing.assert_allclose(np.exp(log_var[replica]), np.tile(np.diag(covariance), (40, 1)), rtol=1e-5)


def test_aggregate_posterior_has_the_priors_moments_on_its_own_data() -> None:
    x = load("digits").train_x
    for shift, size in ((0.0, 1.0), (0.5, None)):
        vae = vae_of(LinearGaussian.fit(x, LATENT), shift)
        mean, log_var = (ops.convert_to_numpy(a)[0].astype(np.float64) for a in vae.encode_stacked(x))
        second = mean.T @ mean / len(x) + np.diag(np.exp(log_var).mean(axis=0))
        np.testing.assert_allclose(mean.mean(axis=0), 0, atol=1e-5)
        assert np.allclose(second, np.eye(LATENT), atol=1e-5) == (size is not None)


def test_decoded_images_are_the_models(model: LinearGaussian) -> None:
    z = np.random.default_rng(3).normal(size=(2, 9, LATENT)).astype(np.float32)
    images = ops.convert_to_numpy(vae_of(model).image_mean_stacked(z))
    np.testing.assert_allclose(images, z @ model.weights.T + model.offset, atol=1e-4)


@pytest.mark.parametrize(
    ("argument", "change"),
    [
        ("likelihood", {"likelihood": "bernoulli"}),
        ("encoder_depth", {"encoder_depth": 1}),
        ("decoder_depth", {"decoder_depth": 2}),
        ("prior", {"prior": "uniform"}),
        ("encoder's kernel", {"latent_dim": 3}),
        ("weights", {"weights": np.ones((64, 3))}),
        ("offset", {"offset": np.full(64, np.nan)}),
        ("encoder", {"encoder": [np.ones((64, 2)), np.ones(2)]}),
        ("encoder's log_var", {"encoder": [np.ones((64, 2)), np.ones(2), np.ones((1, 2))]}),
    ],
)
def test_what_is_no_linear_gaussian_vae_is_refused(argument: str, change: dict) -> None:
    fields = {"encoder_depth": 0, "decoder_depth": 0, "likelihood": "gaussian", "latent_dim": 2, "prior": "normal"}
    arrays = {"encoder": [np.ones((64, 2)), np.ones(2), np.ones(2)], "weights": np.ones((64, 2)), "offset": np.ones(64)}
    config = VAEConfig(**fields | {name: value for name, value in change.items() if name in fields})
    with pytest.raises(InvalidValue, match=f"^{argument}: expected"):
        linear_gaussian_vae(config, **arrays | {name: value for name, value in change.items() if name in arrays})
