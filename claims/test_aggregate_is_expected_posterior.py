"""Claim: since p(z) = E p(z|x), the aggregate of good posteriors ends up close to the prior.

Source: the first answer.
Prediction: SUPPORTED; "the better the bound, the closer", REFUTED.
Refuted by: one drawn linear-Gaussian triple; a count in which most VAEs fall short.
Threshold: exact within 1e-9 nats; the marginal KL over data is at least that over the model's own images; it is no
    larger with twice as many latents, where these have the better bound.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from study import LISTED, Claim, Context, Estimand, Lab, Scope
from study.data.linear_gaussian import LinearGaussian

TOLERANCE = 1e-9
EXACT = "bound"
LEAST_RATE = 1.0  # nats
OWN = {"own-D2": 2, "own-D4": 4, "own-D8": 8}
DOUBLED = {"doubled-D2": (2, 4), "doubled-D4": (4, 8)}
OWN_MEANS = {
    "SUPPORTED": "over the model's own images q(z) is closer to N(0, I) than over the data",
    "REFUTED": "over the model's own images q(z) is no closer to N(0, I) than over the data",
}
DOUBLED_MEANS = {
    "SUPPORTED": "with more latents bound and q(z) come closer together",
    "REFUTED": "with more latents the bound is better, and q(z) farther from N(0, I)",
}


def estimand(row: str) -> Estimand:
    if row == EXACT:
        return Estimand(TOLERANCE, "nats", "SUPPORTED", "theory", "2026-11-29", kind="exact")
    return Estimand(0.0, "nats", "SUPPORTED" if row in OWN else "REFUTED", "pilot", "2026-11-29")


CLAIM = Claim(
    id="aggregate_is_expected_posterior",
    statement="The aggregate of good posteriors ends up close to the prior.",
    source="first answer",
    chapter="2. One sample against the mixture",
    words={
        EXACT: "the marginal KL is at most KL(data ‖ model) and the mean gap",
        **{row: f"over data less over the model's own images: {latents} latents" for row, latents in OWN.items()},
        **{row: f"the better the bound, the closer: {a} → {b} latents" for row, (a, b) in DOUBLED.items()},
    },
    means={**dict.fromkeys(OWN, OWN_MEANS), **dict.fromkeys(DOUBLED, DOUBLED_MEANS)},
    parameters={"row": (EXACT, *OWN, *DOUBLED)},
    estimand=estimand,
    scopes={"mnist": Scope(parameters={"row": [EXACT, "own-D2"]}, design=LISTED[:2])},
    registered="2026-11-29",
)


@pytest.mark.parametrize("row", [*OWN, *DOUBLED])
@given(context=CLAIM.contexts())
def test_aggregate_is_expected_posterior(lab: Lab, row: str, context: Context) -> None:
    if row in OWN:
        vae = lab.run(context.at(kl_weight=1.0, latent_dim=OWN[row]))
        own = vae.value("own_images_marginal_kl")
        value = (vae.value("marginal_kl") - own).where(vae.value("rate"), at_least=LEAST_RATE)
        lab.observe(CLAIM, value, secondary={"over the model's own images, nats": own})
        return
    few, many = lab.run(context.at(kl_weight=1.0).along("latent_dim", DOUBLED[row])).vaes
    value = few.value("marginal_kl") - many.value("marginal_kl")
    lab.observe(CLAIM, value.where(many.value("elbo") - few.value("elbo"), at_least=0))


def divergence(mean: np.ndarray, covariance: np.ndarray, other: np.ndarray, others: np.ndarray) -> float:
    """KL(N(mean, covariance) ‖ N(other, others)), nats."""
    precision, off = np.linalg.inv(others), other - mean
    volume = np.linalg.slogdet(others)[1] - np.linalg.slogdet(covariance)[1]
    return float(0.5 * (np.trace(precision @ covariance) + off @ precision @ off - len(mean) + volume))


@pytest.mark.parametrize("row", [EXACT])
@given(
    features=st.sampled_from(range(1, 5)),
    latents=st.sampled_from(range(1, 5)),
    seed=st.sampled_from(range(1000)),
    spread=st.sampled_from([0.1, 1.0, 3.0]),
)
def test_the_bound(lab: Lab, row: str, features: int, latents: int, seed: int, spread: float) -> None:
    model, rng = LinearGaussian.drawn(features, latents, seed), np.random.default_rng(seed)
    # Data N(m, S), and an encoder N(A x + c, V): q(z) is Gaussian, and so is all else.
    mean, root = spread * rng.normal(size=features), spread * rng.normal(size=(features, features))
    data = root @ root.T + 0.1 * np.eye(features)
    linear, shift = spread * rng.normal(size=(latents, features)), spread * rng.normal(size=latents)
    noise = np.diag(np.exp(rng.normal(size=latents)))
    marginal = divergence(
        linear @ mean + shift, linear @ data @ linear.T + noise, np.zeros(latents), np.eye(latents)
    )  # fmt: skip
    missed = divergence(mean, data, model.offset, model.covariance)
    # The mean gap: that of the mean image, and what A x + c varies about the true posterior's mean B (x − b).
    true = model.posterior_covariance
    exact = true @ model.weights.T / model.noise_variance
    gap = divergence(linear @ mean + shift, noise, exact @ (mean - model.offset), true)
    off = linear - exact
    gap += 0.5 * float(np.trace(np.linalg.inv(true) @ off @ data @ off.T))
    lab.exact(CLAIM, max(0.0, marginal - missed - gap) / max(1.0, marginal))
