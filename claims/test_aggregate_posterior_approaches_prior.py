"""Claim: with a wider and deeper encoder, and with more latents, q(z) comes closer to N(0, I).

Source: the second answer ("expressive enough, wide and deep enough"; more latents: "each individual dimension can").
Prediction: REFUTED where both networks are trained together, and along D but for each dimension; else SUPPORTED.
Refuted by: a count in which nearly all VAEs fall short of the threshold.
Threshold: a fall of 10 % per doubling (for depth: per added layer); of the accuracy, 0.01.
"""

import pytest
from hypothesis import given

from study import Claim, Context, Estimand, Lab

FALL = 0.1
HELD = (1, 2, 4, 8)  # widths of an encoder that is trained on a decoder which is held
WORDS = {
    "encoder_width": "a wider encoder: marginal KL of q_n",
    "width": "two wider networks: marginal KL of q_n",
    "encoder_depth": "a deeper encoder: marginal KL of q_n",
    "held_encoder_width_D2": "decoder held, 2 latents, a wider encoder: marginal KL",
    "held_encoder_width_D8": "decoder held, 8 latents, a wider encoder: marginal KL",
    "latents_in_total": "more latents: marginal KL of q_n less its null",
    "latents_per_dimension": "more latents: KL of each active dimension of q_n less its null",
    "latents_marginal_kl": "more latents: marginal KL",
    "latents_accuracy": "more latents: likelihood-ratio accuracy",
}
SUPPORTED = ("held_encoder_width_D2", "held_encoder_width_D8", "latents_per_dimension")


def estimand(row: str) -> Estimand:
    step = "layer" if row == "encoder_depth" else "doubling"
    predicted = "SUPPORTED" if row in SUPPORTED else "REFUTED"
    threshold, unit = (0.01, "accuracy") if row == "latents_accuracy" else (FALL, "share")
    return Estimand(threshold, f"{unit} per {step}", predicted=predicted, basis="pilot", dated="2026-11-28")


CLAIM = Claim(
    id="aggregate_posterior_approaches_prior",
    statement="With more capacity, the aggregate posterior comes closer to the prior.",
    source="second answer",
    chapter="3. Capacity",
    question="Does more capacity bring the mixture of all posteriors closer to the prior?",
    words=WORDS,
    parameters={"row": tuple(WORDS)},
    estimand=estimand,
    registered="2026-11-28",
)


@pytest.mark.parametrize("row", WORDS)
@given(context=CLAIM.contexts())
def test_aggregate_posterior_approaches_prior(lab: Lab, row: str, context: Context) -> None:
    if row.startswith("held_encoder_width"):
        vae = context.at(kl_weight=1.0, latent_dim=int(row[-1]), decoder_trained_with=32)
        lab.observe(CLAIM, lab.run(vae.along("encoder_width", HELD)).relative_fall("marginal_kl"))
        return
    axis = "latent_dim" if row.startswith("latents") else row
    sweep = lab.run(context.at(kl_weight=1.0).along(axis))  # every level × every replica; trained once
    match row:
        case "latents_accuracy":
            lab.observe(CLAIM, sweep.fall("likelihood_ratio_accuracy"))
        case "latents_marginal_kl":
            lab.show("marginal_kl", sweep)
            lab.show("latent_plane", sweep.vaes[0])  # that of two latents
            lab.observe(CLAIM, sweep.relative_fall("marginal_kl"))
        case "latents_in_total" | "latents_per_dimension":
            # An exact N(0, I) rises in total, and falls per dimension, by a finite number of images alone.
            name = "empirical_marginal_kl" if row == "latents_in_total" else "dimension_marginal_kl"
            less_null = sweep.relative_fall(lambda vae: vae.value(name) - vae.value(f"{name}_null"))
            lab.observe(CLAIM, less_null, secondary={"raw": sweep.relative_fall(name)})
        case _:
            lab.show("marginal_kl", sweep)
            lab.observe(CLAIM, sweep.relative_fall("empirical_marginal_kl"))
