"""Claim: the loss maximises log p(x) − KL(q(z|x) ‖ p(z|x)); its KL is "simply a term" of the bound.

Source: the first answer; a comment ("simply a term", "we can compute it").
Prediction: SUPPORTED, by theory.
Refuted by: one drawn linear-Gaussian VAE in which either side differs; Hypothesis shrinks it.
Threshold: an error of 1e-9 nats, or of the right side's size where that is more than a nat.
"""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from study import Claim, Estimand, Lab
from study.data.linear_gaussian import LinearGaussian
from study.latent.gaussians import DiagonalGaussians
from study.measures.tools.nats import mean_weight

TOLERANCE = 1e-9
WORDS = {
    "bound": "the ELBO is log p(x) less the KL from the posterior",
    "weighted": "at weight w the same of the tempered posterior, w times",
    "draws": "twice the draws bring the importance-weighted bound no lower",
    "closed_form": "the KL from N(0, 1) in closed form is its integral",
}

CLAIM = Claim(
    id="elbo_identity",
    statement="The loss maximises log p(x) less the KL from q(z|x) to the true posterior.",
    source="first answer, comment",
    chapter="1. The objective",
    quotation='"simply a term in the lower bound"; "we can compute it"',
    words=WORDS,
    parameters={"row": tuple(WORDS)},
    estimand=lambda row: Estimand(TOLERANCE, "nats", "SUPPORTED", "theory", "2026-11-28", kind="exact"),
    registered="2026-11-28",
)
# What is drawn: sizes of a linear-Gaussian VAE, and how far q(z|x) of three images is from anything in particular.
CASES = {
    "features": st.sampled_from(range(1, 5)),
    "latents": st.sampled_from(range(1, 5)),
    "seed": st.sampled_from(range(1000)),
    "spread": st.sampled_from([0.1, 1.0, 3.0]),
}
STEPS = np.linspace(-12, 12, 2001)  # in deviations: the sum of a smooth integrand that vanishes at both ends is exact
HUNDREDTHS = [0.0, *(sign * n / 100 for n in range(1, 301) for sign in (1, -1))]  # simple ones first


def case(
    features: int, latents: int, seed: int, spread: float
) -> tuple[LinearGaussian, np.ndarray, np.ndarray, np.ndarray]:
    """Return the VAE, images, and means and variances of their q(z|x)."""
    model, rng = LinearGaussian.drawn(features, latents, seed), np.random.default_rng(seed)
    mean, log_var = spread * rng.normal(size=(2, 3, latents))
    return model, model.sample(3, rng), mean, np.exp(log_var)


def error(left: np.ndarray, right: np.ndarray) -> float:
    return float((np.abs(left - right) / np.maximum(1, np.abs(right))).max())


def kl(mean: np.ndarray, var: np.ndarray) -> np.ndarray:
    return DiagonalGaussians(mean[None], np.log(var)[None]).kl()[0]


@pytest.mark.parametrize("row", ["bound"])
@given(**CASES)
def test_the_bound(lab: Lab, row: str, **drawn: Any) -> None:
    model, x, mean, var = case(**drawn)
    gap = model.inference_gap(x, mean, var)  # from the true posterior, without going through the bound
    lab.exact(CLAIM, error(model.elbo(x, mean, var), model.log_density(x) - gap))


@pytest.mark.parametrize("row", ["weighted"])
@given(**CASES, weight=st.sampled_from([0.125, 0.25, 0.5, 2.0, 4.0]))
def test_the_weighted_bound(lab: Lab, row: str, weight: float, **drawn: Any) -> None:
    model, x, mean, var = case(**drawn)
    # p(x|z)^(1/w) is a Gaussian of variance w s², times a constant: its posterior is the tempered one.
    tempered = LinearGaussian(model.weights, model.offset, weight * model.noise_variance)
    constants = (np.log(2 * np.pi * one.noise_variance) * model.features / 2 for one in (tempered, model))
    constant = next(constants) - next(constants) / weight
    evidence = tempered.log_density(x) + constant - tempered.inference_gap(x, mean, var)
    loss = model.elbo(x, mean, var) + (1 - weight) * kl(mean, var)
    lab.exact(CLAIM, error(loss, weight * evidence))


@pytest.mark.parametrize("row", ["draws"])
@given(**CASES, half=st.sampled_from(range(1, 51)))
def test_more_draws(lab: Lab, row: str, half: int, **drawn: Any) -> None:
    model, x, mean, var = case(**drawn)
    z = mean[:, None] + np.sqrt(var)[:, None] * np.random.default_rng(half).normal(size=(3, 2 * half, model.latents))
    given_z = norm.logpdf(x[:, None], z @ model.weights.T + model.offset, np.sqrt(model.noise_variance)).sum(-1)
    weights = given_z + (norm.logpdf(z) - norm.logpdf(z, mean[:, None], np.sqrt(var)[:, None])).sum(-1)
    halves = (mean_weight(weights[:, :half]) + mean_weight(weights[:, half:])) / 2
    lab.exact(CLAIM, max(0.0, float((halves - mean_weight(weights)).max())))


@pytest.mark.parametrize("row", ["closed_form"])
@given(mean=st.sampled_from(HUNDREDTHS), deviation=st.sampled_from([one for one in HUNDREDTHS if one > 0]))
def test_the_closed_form(lab: Lab, row: str, mean: float, deviation: float) -> None:
    z = mean + deviation * STEPS
    log_q = norm.logpdf(z, mean, deviation)
    integral = (np.exp(log_q) * (log_q - norm.logpdf(z))).sum() * (z[1] - z[0])
    lab.exact(CLAIM, error(kl(np.array([[mean]]), np.array([[deviation**2]])), integral))
