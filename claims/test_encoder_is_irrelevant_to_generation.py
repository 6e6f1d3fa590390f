"""Claim: for generation only p(x) = ∫ p(x|z) p(z) dz matters, so the encoder does not.

Source: a comment of me_Tchaikovsky.
Prediction: the theorems SUPPORTED. Against it: a narrow encoder costs nats, SUPPORTED; a linear one none, REFUTED.
Refuted by: one drawn linear-Gaussian VAE; a count in which most VAEs lose less.
Threshold: exact within 1e-9 nats; an encoder of another kind, trained with the same kind of decoder, costs half a nat
    of held-out log p(x).
"""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logsumexp
from scipy.stats import norm

from study import LISTED, Claim, Context, Estimand, Lab, Scope, maximum
from study.data.linear_gaussian import LinearGaussian

TOLERANCE = 1e-9
COST = 0.5  # nats
EXACT = {
    "decoder_alone": "log p(x) is an integral of decoder and prior",
    "damage": "what the ELBO loses by a damaged encoder the gap gains",
}
COUNTED = {
    "narrow-D2": "an encoder of width 2 costs nats: 2 latents",
    "narrow-D8": "an encoder of width 2 costs nats: 8 latents",
    "linear-D8": "a linear encoder costs nats: 8 latents",
}
OTHER = {"narrow": {"encoder_width": 2}, "linear": {"encoder_depth": 0}}
MEANS = {
    "narrow": {
        "SUPPORTED": "trained with a very narrow encoder, a decoder generates worse",
        "REFUTED": "trained with a very narrow encoder, a decoder generates about as well",
    },
    "linear": {
        "SUPPORTED": "trained with a linear encoder, a decoder generates worse",
        "REFUTED": "trained with a linear encoder, a decoder generates about as well",
    },
}


def estimand(row: str) -> Estimand:
    if row in EXACT:
        return Estimand(TOLERANCE, "nats", "SUPPORTED", "theory", "2026-11-29", kind="exact")
    predicted = "REFUTED" if row == "linear-D8" else "SUPPORTED"
    return Estimand(COST, "nats", predicted, "pilot", "2026-11-29")


CLAIM = Claim(
    id="encoder_is_irrelevant_to_generation",
    statement="For generation the encoder does not matter.",
    source="comment of me_Tchaikovsky",
    chapter="4. Generation",
    words={**EXACT, **COUNTED},
    means={row: MEANS[row.partition("-")[0]] for row in COUNTED},
    parameters={"row": (*EXACT, *COUNTED)},
    estimand=estimand,
    scopes={"mnist": Scope(parameters={"row": tuple(COUNTED)}, design=LISTED[:2])},
    registered="2026-11-29",
)


@pytest.mark.parametrize("row", COUNTED)
@given(context=CLAIM.contexts())
def test_encoder_is_irrelevant_to_generation(lab: Lab, row: str, context: Context) -> None:
    kind, _, latents = row.partition("-D")
    plain = {"kl_weight": 1.0, "latent_dim": int(latents)}
    both = [lab.run(context.at(**plain, **changed)) for changed in ({}, OTHER[kind])]
    nats = [vae.value("sampler_nats") for vae in both]
    gaps = [vae.value("nats_gap", sampler="prior") for vae in both]
    lab.observe(CLAIM, (nats[0] - nats[1]).where(maximum(*gaps), at_most=COST / 2))


CASES = {
    "features": st.sampled_from(range(1, 5)),
    "seed": st.sampled_from(range(1000)),
}


@pytest.mark.parametrize("row", ["decoder_alone"])
@given(**CASES)
def test_the_decoder_alone(lab: Lab, row: str, features: int, seed: int) -> None:
    model, rng = LinearGaussian.drawn(features, 1, seed), np.random.default_rng(seed)
    x = model.sample(3, rng)
    # The integrand has the width of the true posterior, which stands where the integral is.
    centre, variance = model.posterior(x)
    width = np.sqrt(np.broadcast_to(variance, centre.shape))
    steps = np.linspace(-12, 12, 2001)
    z = centre + width * steps
    given_z = norm.logpdf(x[:, None], z[..., None] @ model.weights.T + model.offset, np.sqrt(model.noise_variance))
    integrals = logsumexp(given_z.sum(-1) + norm.logpdf(z), axis=1) + np.log(width[:, 0] * (steps[1] - steps[0]))
    lab.exact(CLAIM, float(np.abs(integrals - model.log_density(x)).max()))


@pytest.mark.parametrize("row", ["damage"])
@given(**CASES, latents=st.sampled_from(range(1, 5)), damage=st.sampled_from([0.1, 1.0, 3.0]))
def test_the_damage(lab: Lab, row: str, latents: int, damage: float, **case: Any) -> None:
    model, rng = LinearGaussian.drawn(case["features"], latents, case["seed"]), np.random.default_rng(case["seed"])
    x, (mean, shift), log_var = model.sample(3, rng), rng.normal(size=(2, 3, latents)), rng.normal(size=(3, latents))
    encoders = ((mean, np.exp(log_var)), (mean + damage * shift, np.exp(log_var + damage)))
    elbo, gap = ([of(x, *one) for one in encoders] for of in (model.elbo, model.inference_gap))
    lost, gained = elbo[0] - elbo[1], gap[1] - gap[0]
    lab.exact(CLAIM, float((np.abs(lost - gained) / np.maximum(1, np.abs(lost))).max()))
