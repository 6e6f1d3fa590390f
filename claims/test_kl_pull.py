"""Claim: the KL term of the loss drives q(z|x) toward N(0, I).

Source: the question.
Prediction: SUPPORTED. (That the rate never rises with the weight is a theorem at a global optimum; the tenth is not.)
Refuted by: a count in which most VAEs have a step, from .25 to .5 to 1 to 2, along which the rate falls by less.
Threshold: the rate falls by 10 % or more whenever the KL weight doubles.
"""

import pytest
from hypothesis import given

from study import LISTED, Claim, Context, Estimand, Lab, Scope, minimum

STEPS = ((0.25, 0.5), (0.5, 1.0), (1.0, 2.0))
LEAST_RATE = 1.0  # nats, at the least weight: a VAE that has collapsed there can fall no farther
WORDS = {"D2": "2 latents", "D8": "8 latents"}

CLAIM = Claim(
    id="kl_pull",
    statement="The KL term drives each posterior toward the prior.",
    source="question",
    chapter="1. The objective",
    words=WORDS,
    means={
        "": {
            "SUPPORTED": "a heavier KL term brings the posteriors of single images closer to N(0, I)",
            "REFUTED": "a heavier KL term does not bring the posteriors of single images closer to N(0, I)",
        }
    },
    parameters={"latents": tuple(WORDS)},
    estimand=lambda latents: Estimand(0.1, "share per doubling", "SUPPORTED", "pilot", "2026-11-29"),
    scopes={"mnist": Scope(parameters={"latents": ["D2"]}, design=LISTED[:2])},
    registered="2026-11-29",
)


@pytest.mark.parametrize("latents", WORDS)
@given(context=CLAIM.contexts())
def test_kl_pull(lab: Lab, latents: str, context: Context) -> None:
    point = context.at(latent_dim=int(latents[1:]))
    sweeps = [lab.run(point.along("kl_weight", step)) for step in STEPS]
    least = minimum(*(sweep.relative_fall("rate") for sweep in sweeps))
    lab.observe(CLAIM, least.where(sweeps[0].vaes[0].value("rate"), at_least=LEAST_RATE))
