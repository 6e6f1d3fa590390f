"""Claim: with two latents and two layers q(z) is visibly not N(0, I); more of both bring it closer.

Source: the question (2 latents, two hidden layers; on MNIST of 500 units each); the second answer.
Prediction: visible at weight 1, SUPPORTED, at weight 2, REFUTED; a third layer, and more latents, REFUTED.
Refuted by: a count in which most VAEs fall short of the threshold.
Threshold: draws of q(z), or its means, are told from draws of N(0, I) with accuracy 0.55; it falls by 0.01 with a third
    layer, or with each doubling of D.
"""

import pytest
from hypothesis import given

from study import Claim, Context, Estimand, Lab, Scope

VISIBLE, FALL = 0.55, 0.01  # accuracies
WIDTH = {"digits": 32}  # of each hidden layer; the asker's is 500
CHANCE = 0.5
TWO_LAYERS = tuple(Context.of(activation=one, encoder_depth=2, decoder_depth=2) for one in ("relu", "tanh", "softplus"))
THREE = {"encoder_depth": 3, "decoder_depth": 3}
WORDS = {
    "draws-w1": "draws are told from the prior's: KL weight 1",
    "draws-w2": "draws are told from the prior's: KL weight 2",
    "means-w1": "means, which a picture shows, are told from the prior's draws: KL weight 1",
    "third-layer": "a third layer in both networks brings draws closer",
    "latents": "with three layers, more latents bring draws closer",
}
PICTURE = {
    "SUPPORTED": "with 2 latents and two layers q(z) is visibly not N(0, I)",
    "REFUTED": "with 2 latents and two layers draws of q(z) can hardly be told from those of N(0, I)",
}


def estimand(row: str) -> Estimand:
    if row in ("third-layer", "latents"):
        unit = "accuracy" if row == "third-layer" else "accuracy per doubling"
        return Estimand(FALL, unit, "REFUTED", "pilot", "2026-11-29")
    predicted = "REFUTED" if row == "draws-w2" else "SUPPORTED"
    return Estimand(VISIBLE, "accuracy", predicted, "pilot", "2026-11-29", zero=CHANCE)


CLAIM = Claim(
    id="two_dimensional_picture",
    statement="With two latents and two layers, q(z) is visibly not the prior.",
    source="question, second answer",
    chapter="3. Capacity",
    words=WORDS,
    means={
        **dict.fromkeys(("draws-w1", "draws-w2", "means-w1"), PICTURE),
        "third-layer": {
            "SUPPORTED": "a third layer brings q(z) closer to N(0, I)",
            "REFUTED": "a third layer does not bring q(z) closer to N(0, I)",
        },
        "latents": {
            "SUPPORTED": "with three layers more latents bring q(z) closer to N(0, I)",
            "REFUTED": "with three layers more latents do not bring q(z) closer to N(0, I)",
        },
    },
    parameters={"row": tuple(WORDS)},
    estimand=estimand,
    design=TWO_LAYERS,
    scopes={"mnist": Scope(parameters={"row": ["draws-w1", "means-w1", "third-layer"]}, design=TWO_LAYERS[:1])},
    registered="2026-11-29",
)


@pytest.mark.parametrize("row", WORDS)
@given(context=CLAIM.contexts())
def test_two_dimensional_picture(lab: Lab, row: str, context: Context) -> None:
    asked = {"width": WIDTH.get(lab.data, 500), "kl_weight": 2.0 if row == "draws-w2" else 1.0}
    secondary = {}
    if row == "latents":
        value = lab.run(context.at(**asked, **THREE).along("latent_dim")).fall("likelihood_ratio_accuracy")
    elif row == "third-layer":
        two, three = (lab.run(context.at(latent_dim=2, **asked, **more)) for more in ({}, THREE))
        value = two.value("likelihood_ratio_accuracy") - three.value("likelihood_ratio_accuracy")
    else:
        vae = lab.run(context.at(latent_dim=2, **asked))
        value = vae.value("two_sample_accuracy" if row == "means-w1" else "likelihood_ratio_accuracy")
        if row != "means-w1":
            secondary["of the best rule, draws of q_n"] = vae.value("bayes_accuracy")
    lab.observe(CLAIM, value, secondary=secondary)
