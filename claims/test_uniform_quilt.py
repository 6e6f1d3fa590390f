"""Claim: each class has a q(z|x), U(k, k + 1), unlike the prior U(0, C); their mixture is the prior.

Source: the first answer's own picture, with ten classes.
Prediction: SUPPORTED, by theory.
Refuted by: one quilt, of some number of classes and images of each, in which it fails.
Threshold: an error of 1e-9 nats.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial.legendre import leggauss
from scipy.stats import entropy, norm

from study import Claim, Estimand, Lab
from study.data.uniform_quilt import UniformQuilt

TOLERANCE = 1e-9
WORDS = {
    "parts": "each posterior is ln C nats from the prior",
    "mixture": "the mixture is as far from the prior as the classes' shares from equal ones",
    "gaussian": "with a Gaussian latent, N(0, 1) for a prior, every KL and overlap is the same",
}

CLAIM = Claim(
    id="uniform_quilt",
    statement="A quilt of posteriors, none of which is the prior, is the prior.",
    source="first answer",
    chapter="2. One sample against the mixture",
    words=WORDS,
    parameters={"row": tuple(WORDS)},
    estimand=lambda row: Estimand(TOLERANCE, "nats", "SUPPORTED", "theory", "2026-11-28", kind="exact"),
    registered="2026-11-28",
)
QUILTS = st.lists(st.sampled_from(range(10)), min_size=1, max_size=20).filter(any)  # images of each class
NODES, WEIGHTS = leggauss(100)
FAR = 9.0  # N(0, 1) has 1e-19 beyond it


def quilt_of(counts: list[int]) -> tuple[UniformQuilt, np.ndarray]:
    return UniformQuilt(len(counts)), np.repeat(np.arange(len(counts)), counts)


def divergence(log_q: np.ndarray, log_p: np.ndarray, width: np.ndarray) -> float:
    """Integrate q log(q / p) over points, each of which stands for so much; where q is 0 there is nothing."""
    held = log_q > -np.inf
    return float((width[held] * np.exp(log_q[held]) * (log_q[held] - log_p[held])).sum())


@pytest.mark.parametrize("row", ["parts"])
@given(counts=QUILTS)
def test_the_parts(lab: Lab, row: str, counts: list[int]) -> None:
    quilt, labels = quilt_of(counts)
    z = quilt.encode(labels, np.random.default_rng(len(labels)))  # a density is even on its patch: a draw tells it
    apart = quilt.posterior_log_density(z, labels) - quilt.prior_log_density(z)
    lab.exact(CLAIM, float(np.abs(apart - np.log(len(counts))).max()))


@pytest.mark.parametrize("row", ["mixture"])
@given(counts=QUILTS)
def test_the_mixture(lab: Lab, row: str, counts: list[int]) -> None:
    quilt, labels = quilt_of(counts)
    z = np.arange(len(counts)) + 0.5
    apart = divergence(quilt.aggregate_log_density(z, labels), quilt.prior_log_density(z), np.ones(len(counts)))
    lab.exact(CLAIM, apart - float(entropy(counts, np.ones(len(counts)))))


@pytest.mark.parametrize("row", ["gaussian"])
@given(counts=QUILTS)
def test_a_gaussian_latent(lab: Lab, row: str, counts: list[int]) -> None:
    quilt, labels = quilt_of(counts)
    ends = np.clip(quilt.to_gaussian(np.arange(len(counts) + 1.0)), -FAR, FAR)
    middle, half = (ends[1:] + ends[:-1]) / 2, np.diff(ends) / 2
    latent, width = middle[:, None] + half[:, None] * NODES, half[:, None] * WEIGHTS  # patch by patch
    prior = norm.logpdf(latent)
    stretched = np.log(len(counts)) + prior  # log of the derivative of C·Φ
    mixture = quilt.aggregate_log_density(quilt.from_gaussian(latent).ravel(), labels).reshape(latent.shape) + stretched
    parts = divergence(stretched[labels[0]], prior[labels[0]], width[labels[0]])
    shares = np.array(counts) / sum(counts)
    errors = (
        divergence(mixture, prior, width) - quilt.marginal_kl(labels),
        parts - quilt.per_sample_kl,
        float((width * np.exp(np.minimum(mixture, prior))).sum() - np.minimum(shares, 1 / len(counts)).sum()),
    )
    lab.exact(CLAIM, max(map(abs, errors)))
