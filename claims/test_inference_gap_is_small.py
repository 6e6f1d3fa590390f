"""Claim: training brings q(z|x) as close to p(z|x) as possible.

Source: the first answer.
Prediction: SUPPORTED with 4 and 8 latents; open with 2 (0.17 to 0.22 in the pilot).
Refuted by: a count in which most VAEs have a larger gap.
Threshold: KL(q(z|x) ‖ p(z|x)), a mean over held-out images, is a fifth of the rate at most.
"""

import pytest
from hypothesis import given

from study import LISTED, Claim, Context, Estimand, Lab, Scope, maximum

SMALL = 0.2  # of the rate
LEAST_RATE = 1.0  # nats: a VAE that has collapsed has neither rate nor gap
WORDS = {"D2": "2 latents", "D4": "4 latents", "D8": "8 latents"}


def estimand(latents: str) -> Estimand:
    if latents == "D2":
        return Estimand(0.0, "share of the rate", zero=None)
    return Estimand(0.0, "share of the rate", "SUPPORTED", "pilot", "2026-11-29", zero=None)


CLAIM = Claim(
    id="inference_gap_is_small",
    statement="Each posterior is close to the true one.",
    source="first answer",
    chapter="1. The objective",
    words=WORDS,
    means={
        "": {
            "SUPPORTED": "q(z|x) is much closer to the true posterior p(z|x) than to N(0, I)",
            "REFUTED": "q(z|x) misses the true posterior p(z|x) by more than a fifth of the rate",
        }
    },
    parameters={"latents": tuple(WORDS)},
    estimand=estimand,
    scopes={"mnist": Scope(parameters={"latents": tuple(WORDS)}, design=LISTED[:2])},
    registered="2026-11-29",
)


@pytest.mark.parametrize("latents", WORDS)
@given(context=CLAIM.contexts())
def test_inference_gap_is_small(lab: Lab, latents: str, context: Context) -> None:
    vae = lab.run(context.at(kl_weight=1.0, latent_dim=int(latents[1:])))
    rate, gap = vae.value("rate"), vae.value("sampler_nats") - vae.value("elbo")
    margin = SMALL - gap / maximum(rate, LEAST_RATE)  # below it the claim says nothing anyway
    lab.observe(CLAIM, margin.where(rate, at_least=LEAST_RATE), secondary={"KL from the true posterior, nats": gap})
