"""Claim: with a wider and deeper encoder, and with more latents, q(z) comes closer to N(0, I).

Source: the second answer of the discussion.
Prediction: along the latent dimension, the total marginal KL grows (REFUTED) and the total divided by
    D falls (SUPPORTED); along the width of both networks the total grows (REFUTED); the rest is open.
Refuted by: a fall per doubling (for depth: per added layer) whose interval stays below the threshold.
Threshold: 0.02 nats for the population's marginal KL; 0.005 for the others.
"""

import pytest
from hypothesis import given

from study import Claim, Context, Estimand, Lab

AXES = ("encoder_width", "encoder_depth", "width", "latent_dim")
MEASURES = {
    "marginal_kl": (0.02, "nats"),
    "marginal_kl_per_dimension": (0.005, "nats"),
    "marginal_kl_per_active": (0.005, "nats"),
    "two_sample_accuracy": (0.005, "accuracy"),
    "sliced_wasserstein": (0.005, "latent units"),
}
WORDS = {
    "encoder_width": "a wider encoder",
    "encoder_depth": "a deeper encoder",
    "width": "wider networks",
    "latent_dim": "more latents",
    "marginal_kl": "total marginal KL",
    "marginal_kl_per_dimension": "marginal KL per dimension",
    "marginal_kl_per_active": "marginal KL per active dimension",
    "two_sample_accuracy": "two-sample accuracy",
    "sliced_wasserstein": "sliced Wasserstein distance",
}
PREDICTED = {
    ("latent_dim", "marginal_kl"): "REFUTED",
    ("width", "marginal_kl"): "REFUTED",
    ("latent_dim", "marginal_kl_per_dimension"): "SUPPORTED",
}


def estimand(axis: str, measure: str) -> Estimand:
    threshold, unit = MEASURES[measure]
    step = "layer" if axis == "encoder_depth" else "doubling"
    return Estimand(threshold, f"{unit} per {step}", predicted=PREDICTED.get((axis, measure), ""))


CLAIM = Claim(
    id="aggregate_posterior_approaches_prior",
    statement="With more capacity, the aggregate posterior comes closer to the prior.",
    source="second answer",
    chapter="3. Capacity",
    question="Does more capacity bring the mixture of all posteriors closer to the prior?",
    words=WORDS,
    parameters={"axis": AXES, "measure": tuple(MEASURES)},
    estimand=estimand,
)


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("measure", MEASURES)
@given(context=CLAIM.contexts())
def test_aggregate_posterior_approaches_prior(lab: Lab, axis: str, measure: str, context: Context) -> None:
    sweep = lab.run(context.along(axis))  # every level × every replica; trained once, recalled ever after
    lab.observe(CLAIM, sweep.fall(measure))
    if measure == "marginal_kl":
        lab.show("marginal_kl", sweep)
        if axis == "latent_dim":
            lab.show("latent_plane", sweep.vaes[0])  # that of two latents
