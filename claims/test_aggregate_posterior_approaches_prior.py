"""Claim: with a wider and deeper encoder, and with more latents, q(z) comes closer to N(0, I).

Source: the second answer ("expressive enough, wide and deep enough"; more latents: "each individual dimension can").
Prediction: REFUTED where both networks are trained together, and along D but for each dimension; else SUPPORTED.
Refuted by: a count in which most VAEs fall short of the threshold.
Threshold: a fall of 10 % per doubling (for depth: per added layer); of the accuracy, 0.01.
"""

import pytest
from hypothesis import given

from study import LISTED, Claim, Context, Estimand, Lab, Scope

FALL = 0.1
HELD = (1, 2, 4, 8)  # widths of an encoder that is trained on a decoder which is held
LEAST_RATE = 1.0  # nats, at the last level: a VAE that collapses there is the prior, and has come no closer
LEAST_EXCESS = {"latents_in_total": 0.01, "latents_per_dimension": 0.005}  # nats above the null at the first level:
# where there is less, nothing is left that could fall, and the sets of images decide the sign
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
CLOSER = "bring q(z) closer to N(0, I) by a tenth per doubling or layer"
TOGETHER = {
    "SUPPORTED": f"wider or deeper networks, trained together, {CLOSER}",
    "REFUTED": f"wider or deeper networks, trained together, do not {CLOSER}",
}
HELD_DECODER = {
    "SUPPORTED": "with the decoder held, a wider encoder brings q(z) closer to N(0, I)",
    "REFUTED": "even with the decoder held, a wider encoder does not bring q(z) closer to N(0, I)",
}
LATENTS = {
    "SUPPORTED": "more latents bring q(z) as a whole closer to N(0, I)",
    "REFUTED": "more latents do not bring q(z) as a whole closer to N(0, I)",
    "opposite": "more latents take q(z) as a whole farther from N(0, I)",
}
DIMENSION = {
    "SUPPORTED": "with more latents the dimensions of q(z) come closer to N(0, 1), on average",
    "REFUTED": "with more latents the dimensions of q(z) come no closer to N(0, 1), on average",
}
FLOOR_BOUND = ("held_encoder_width_D8", "latents_marginal_kl")  # MNIST: the bracket exceeds the effect from D 4 on
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
    quotation='"expressive enough, wide and deep enough"; "each individual dimension can"',
    words=WORDS,
    means={
        **dict.fromkeys(("encoder_width", "width", "encoder_depth"), TOGETHER),
        **dict.fromkeys(("held_encoder_width_D2", "held_encoder_width_D8"), HELD_DECODER),
        **dict.fromkeys(("latents_in_total", "latents_marginal_kl", "latents_accuracy"), LATENTS),
        "latents_per_dimension": DIMENSION,
    },
    parameters={"row": tuple(WORDS)},
    estimand=estimand,
    scopes={"mnist": Scope(parameters={"row": [row for row in WORDS if row not in FLOOR_BOUND]}, design=LISTED[:2])},
    registered="2026-11-28",
)


@pytest.mark.parametrize("row", WORDS)
@given(context=CLAIM.contexts())
def test_aggregate_posterior_approaches_prior(lab: Lab, row: str, context: Context) -> None:
    if row.startswith("held_encoder_width"):
        vae = context.at(kl_weight=1.0, latent_dim=int(row[-1]), decoder_trained_with=32)
        sweep = lab.run(vae.along("encoder_width", HELD))
    else:
        axis = "latent_dim" if row.startswith("latents") else row
        sweep = lab.run(context.at(kl_weight=1.0).along(axis))  # every level × every replica; trained once
    secondary = {}
    match row:
        case "latents_accuracy":
            fall = sweep.fall("likelihood_ratio_accuracy")
        case "latents_in_total" | "latents_per_dimension":
            # An exact N(0, I) rises in total, and falls per dimension, by a finite number of images alone.
            name = "empirical_marginal_kl" if row == "latents_in_total" else "dimension_marginal_kl"
            fall = sweep.relative_fall(lambda vae: vae.value(name) - vae.value(f"{name}_null"))
            first = sweep.vaes[0].value(name) - sweep.vaes[0].value(f"{name}_null")
            fall = fall.where(first, at_least=LEAST_EXCESS[row])
            secondary["raw"] = sweep.relative_fall(name)
        case "encoder_width" | "width" | "encoder_depth":
            fall = sweep.relative_fall("empirical_marginal_kl")
            shape = sweep.relative_fall(lambda vae: vae.value("empirical_marginal_kl") - vae.value("moment_kl"))
            secondary["after the exact rescaling"] = shape
            lab.show("marginal_kl", sweep)
        case _:
            fall = sweep.relative_fall("marginal_kl")
            secondary["after the exact rescaling"] = sweep.relative_fall("marginal_kl", rescaled=True)
    if row == "latents_marginal_kl":
        lab.show("marginal_kl", sweep)
        lab.show("latent_plane", sweep.vaes[0])  # that of two latents
    lab.observe(CLAIM, fall.where(sweep.vaes[-1].value("rate"), at_least=LEAST_RATE), secondary=secondary)
