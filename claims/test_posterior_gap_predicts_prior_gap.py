"""Claim: how close q(z|x) is to p(z|x) determines whether sampling the prior makes sense.

Source: a comment of shimao; the first answer ("as long as the mixture covers and matches" the prior).
Prediction: with the decoder held, SUPPORTED; whether the nats that sampling costs follow gap or marginal KL is open.
Refuted by: a count in which nearly all replicas have a smaller correlation.
Threshold: a rank correlation of 0.3 within a replica; across VAEs of different rates the partial one, given the rate.
"""

import pytest
from hypothesis import given

from study import LISTED, Claim, Context, Estimand, Lab, Scope, rank_correlation
from study.lab.lab import Vae
from study.lab.values import Value

WIDTHS = (1, 2, 4, 8, 32, 128)  # of encoders that are trained on one decoder, which is held
CELLS = [(weight, latents) for weight in (0.25, 0.5, 1.0, 2.0) for latents in (2, 4, 8)]  # trained for other claims
WORDS = {
    "held-D2": "decoder held, 2 latents: gap and marginal KL",
    "held-D8": "decoder held, 8 latents: gap and marginal KL",
    "gap": "given the rate: gap and nats that sampling N(0, I) costs",
    "marginal_kl": "given the rate: marginal KL and nats that sampling N(0, I) costs",
}
HELD = {
    "SUPPORTED": "with the decoder held, q(z) is farther from N(0, I) where posteriors miss the true ones by more",
    "REFUTED": "with the decoder held, how far q(z) is from N(0, I) does not follow how far posteriors are off",
}


def estimand(row: str) -> Estimand:
    if not row.startswith("held"):
        return Estimand(0.3, "rank correlation")
    return Estimand(0.3, "rank correlation", "SUPPORTED", "pilot", "2026-11-29")


CLAIM = Claim(
    id="posterior_gap_predicts_prior_gap",
    statement="The closer posteriors are to the true ones, the less sampling the prior costs.",
    source="comment of shimao, first answer",
    chapter="4. Generation",
    quotation='"as long as the mixture covers and matches" the prior',
    words=WORDS,
    means={
        "held-D2": HELD,
        "held-D8": HELD,
        "gap": {
            "SUPPORTED": "at equal rates sampling N(0, I) costs more where posteriors miss the true ones by more",
            "REFUTED": "at equal rates the cost of sampling N(0, I) does not follow how far posteriors are off",
        },
        "marginal_kl": {
            "SUPPORTED": "at equal rates sampling N(0, I) costs more where q(z) is farther from it",
            "REFUTED": "at equal rates the cost of sampling N(0, I) does not follow how far q(z) is from it",
        },
    },
    parameters={"row": tuple(WORDS)},
    estimand=estimand,
    design=LISTED[:1],
    scopes={"mnist": Scope(parameters={"row": ["held-D2"]}, design=LISTED[:1])},
    registered="2026-11-29",
)


def gap(vae: Vae) -> Value:
    return vae.value("sampler_nats") - vae.value("elbo")


@pytest.mark.parametrize("row", WORDS)
@given(context=CLAIM.contexts())
def test_posterior_gap_predicts_prior_gap(lab: Lab, row: str, context: Context) -> None:
    if row.startswith("held"):
        point = context.at(kl_weight=1.0, latent_dim=int(row[-1]), decoder_trained_with=32)
        vaes = lab.run(point.along("encoder_width", WIDTHS)).vaes  # log p(x) is the same of all: the prior's draws are
        value = rank_correlation([gap(vae) for vae in vaes], [vae.value("marginal_kl") for vae in vaes])
        secondary = {}
    else:
        cells = [lab.run(context.at(kl_weight=weight, latent_dim=latents)) for weight, latents in CELLS]
        cause = [gap(vae) if row == "gap" else vae.value("marginal_kl") for vae in cells]
        cost = [vae.value("nats_gain", sampler="gaussian_mixture") for vae in cells]
        value = rank_correlation(cause, cost, [vae.value("rate") for vae in cells])
        secondary = {"whatever the rate": rank_correlation(cause, cost)}
    lab.observe(CLAIM, value, secondary=secondary)
