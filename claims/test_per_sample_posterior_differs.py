"""Claim: q(z|x) is not the prior, for every VAE whose mean rate is at least 2 nats.

Source: the question, and the first answer.
Prediction: SUPPORTED for the whole latent; REFUTED for each dimension (dead dimensions are the prior).
Refuted by: one VAE whose interval stays below the threshold, confirmed on fresh seeds.
Threshold: the 5th percentile over x of KL(q(z|x) ‖ N(0, I)) is at least 0.5 nats.
"""

import pytest
from hypothesis import given

from study import VAE_GRID, Claim, Context, Estimand, Lab

PREDICTED = {"kl_p5": "SUPPORTED", "dimension_kl_p5": "REFUTED"}
MEASURES = {"kl_p5": "kl_percentile", "dimension_kl_p5": "dimension_kl_percentile"}
LEAST_RATE = 2.0  # nats

CLAIM = Claim(
    id="per_sample_posterior_differs",
    statement="The posterior of a single sample is not the prior.",
    source="question, first answer",
    chapter="2. One sample against the mixture",
    question="Is the posterior of a single sample different from the prior?",
    words={"kl_p5": "the posterior as a whole", "dimension_kl_p5": "every one of its dimensions"},
    parameters={"measure": tuple(MEASURES)},
    estimand=lambda measure: Estimand(0.5, "nats", predicted=PREDICTED[measure]),
    kind="every",
    grid=VAE_GRID,
    size=12,
)


@pytest.mark.parametrize("measure", MEASURES)
@given(context=CLAIM.contexts())
def test_per_sample_posterior_differs(lab: Lab, measure: str, context: Context) -> None:
    vae = lab.run(context)
    value = vae.value(MEASURES[measure], percentile=5)
    lab.observe(CLAIM, value.where(vae.value("rate"), at_least=LEAST_RATE))
