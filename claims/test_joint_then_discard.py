"""Claim: to sample p(x) is to sample (x, z) and to discard z: decode a draw of the prior, then draw x.

Source: the third answer.
Prediction: SUPPORTED, by theory.
Refuted by: one decoder whose draws have other probabilities, or other moments, than p(x).
Threshold: five standard errors of 100,000 draws; the images of a joint draw are those of a marginal one, bit by bit.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import norm

from study import Claim, Estimand, Lab
from study.data.linear_gaussian import LinearGaussian

DRAWS = 100_000
WORDS = {
    "bits": "the images of a joint draw are the marginal draw, bit by bit",
    "binary": "draws of binary pixels have the probabilities of p(x)",
    "gaussian": "draws of a linear-Gaussian decoder have the mean and covariance of p(x)",
}
ALLOWED = {"bits": (0.0, "images"), "binary": (5.0, "standard errors"), "gaussian": (5.0, "standard errors")}

CLAIM = Claim(
    id="joint_then_discard",
    statement="Sampling p(x) is sampling x and z together, and discarding z.",
    source="third answer",
    chapter="4. Generation",
    words=WORDS,
    parameters={"row": tuple(WORDS)},
    estimand=lambda row: Estimand(*ALLOWED[row], "SUPPORTED", "theory", "2026-11-28", kind="exact"),
    registered="2026-11-28",
)
PIXELS, SIZES, SEEDS = (st.sampled_from(range(*ends)) for ends in ((3, 5), (1, 5), (0, 1000)))
NODES = np.linspace(-9, 9, 1801)  # the trapezoidal rule is as exact as doubles here; N(0, 1) has 1e-19 beyond


class Decoder:
    """A random decoder of one latent: three or four binary pixels, two layers."""

    def __init__(self, pixels: int, seed: int) -> None:
        rng = np.random.default_rng([pixels, seed])
        self.hidden, self.output = rng.normal(size=(2, 8)), 2 * rng.normal(size=(8, pixels))

    def mean(self, z: np.ndarray) -> np.ndarray:
        """Probability of each pixel, ``(n, pixel)``, for latents ``(n,)``."""
        return expit(np.tanh(z[:, None] * self.hidden[0] + self.hidden[1]) @ self.output)

    def joint(self, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw images and latents together."""
        z = rng.normal(size=count)
        mean = self.mean(z)
        return rng.random(mean.shape) < mean, z

    def sample(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Draw images, as one generates: decode a draw of the prior, then draw the pixels."""
        mean = self.mean(rng.normal(size=count))
        return rng.random(mean.shape) < mean


def patterns(pixels: int) -> np.ndarray:
    """Every image, ``(2^pixels, pixel)``."""
    return (np.arange(2**pixels)[:, None] >> np.arange(pixels)) % 2 == 1


@pytest.mark.parametrize("row", ["bits"])
@given(pixels=PIXELS, seed=SEEDS)
def test_the_bits(lab: Lab, row: str, pixels: int, seed: int) -> None:
    decoder = Decoder(pixels, seed)
    joint, _ = decoder.joint(1000, np.random.default_rng(seed))
    marginal = decoder.sample(1000, np.random.default_rng(seed))
    lab.exact(CLAIM, int((joint != marginal).any(1).sum()))


@pytest.mark.parametrize("row", ["binary"])
@given(pixels=PIXELS, seed=SEEDS)
def test_binary_pixels(lab: Lab, row: str, pixels: int, seed: int) -> None:
    decoder = Decoder(pixels, seed)
    mean, every = decoder.mean(NODES)[:, None], patterns(pixels)
    exact = norm.pdf(NODES) @ np.where(every, mean, 1 - mean).prod(-1) * (NODES[1] - NODES[0])  # p(x): over z
    drawn, _ = decoder.joint(DRAWS, np.random.default_rng(seed))
    share = np.bincount(drawn @ (1 << np.arange(pixels)), minlength=len(every)) / DRAWS
    variance = np.maximum(exact * (1 - exact), 1 / DRAWS)  # of an image that is hardly ever drawn one is no surprise
    lab.exact(CLAIM, float((np.abs(share - exact) / np.sqrt(variance / DRAWS)).max()))


@pytest.mark.parametrize("row", ["gaussian"])
@given(features=SIZES, latents=SIZES, seed=SEEDS)
def test_a_linear_gaussian_decoder(lab: Lab, row: str, features: int, latents: int, seed: int) -> None:
    model = LinearGaussian.drawn(features, latents, seed)
    x, _ = model.joint(DRAWS, np.random.default_rng(seed))
    centred, truth = x - model.offset, model.covariance
    var = np.diag(truth)
    mean_error = np.abs(centred.mean(0)) / np.sqrt(var / DRAWS)
    covariance_error = np.abs(centred.T @ centred / DRAWS - truth) / np.sqrt((np.outer(var, var) + truth**2) / DRAWS)
    lab.exact(CLAIM, float(max(mean_error.max(), covariance_error.max())))
