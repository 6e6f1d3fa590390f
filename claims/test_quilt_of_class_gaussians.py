"""Claim: q(z) looks like a quilt of ten Gaussians, one a class.

Source: a comment.
Prediction: SUPPORTED.
Refuted by: a count in which most VAEs fall short of the threshold.
Threshold: one Gaussian a class explains a third of the marginal KL; z tells 0.9 nats of the class; over one Gaussian
    the quilt gains half of what ten Gaussians without labels gain.
"""

import pytest
from hypothesis import given

from study import LISTED, Claim, Context, Estimand, Lab, Scope

PART, INFORMATION, HALF = 1 / 3, 0.9, 0.5
LEAST = 0.02  # nats of departure from the prior, or that several Gaussians gain: of less there is no part to explain
CELLS = {
    "explains": ((1.0, 2), (1.0, 4), (0.5, 2), (0.5, 4)),
    "information": ((1.0, 2), (1.0, 4), (1.0, 8)),
    "labels": ((1.0, 4), (1.0, 8)),
}
ROWS = {f"{name}-w{w:g}-D{d}": (name, w, d) for name, cells in CELLS.items() for w, d in cells}
NAMES = {
    "explains": "a Gaussian a class explains a third of the marginal KL",
    "information": "z tells the class",
    "labels": "classes explain half of what ten Gaussians explain",
}
MEANS = {
    "explains": {
        "SUPPORTED": "one Gaussian a class explains at least a third of how q(z) departs from N(0, I)",
        "REFUTED": "one Gaussian a class explains less than a third of how q(z) departs from N(0, I)",
    },
    "information": {
        "SUPPORTED": "a draw of q(z) tells much of the class of its image",
        "REFUTED": "a draw of q(z) tells little of the class of its image",
    },
    "labels": {
        "SUPPORTED": "the clumps of q(z) are its classes, for half at least",
        "REFUTED": "the clumps of q(z) are hardly its classes",
    },
}


def estimand(row: str) -> Estimand:
    if ROWS[row][0] == "information":
        return Estimand(INFORMATION, "nats", "SUPPORTED", "pilot", "2026-11-29")
    return Estimand(0.0, "nats", "SUPPORTED", "pilot", "2026-11-29", zero=None)


CLAIM = Claim(
    id="quilt_of_class_gaussians",
    statement="The mixture of all posteriors is a quilt of one Gaussian a class.",
    source="comment",
    chapter="2. One sample against the mixture",
    words={row: f"{NAMES[name]}: KL weight {w:g}, {d} latents" for row, (name, w, d) in ROWS.items()},
    means={row: MEANS[name] for row, (name, _, _) in ROWS.items()},
    parameters={"row": tuple(ROWS)},
    estimand=estimand,
    scopes={"mnist": Scope(parameters={"row": [row for row in ROWS if ROWS[row][1] == 1]}, design=LISTED[:2])},
    registered="2026-11-29",
)


@pytest.mark.parametrize("row", ROWS)
@given(context=CLAIM.contexts())
def test_quilt_of_class_gaussians(lab: Lab, row: str, context: Context) -> None:
    name, weight, latents = ROWS[row]
    vae = lab.run(context.at(kl_weight=weight, latent_dim=latents))
    if name == "information":
        lab.observe(CLAIM, vae.value("class_information"))
        return
    if name == "explains":  # a margin: a ratio would divide by a bracket that may hold 0
        gain, whole, part = vae.value("quilt_gain"), vae.value("marginal_kl"), PART
        # By finite n alone an exact N(0, I) departs from itself, too.
        departure = vae.value("empirical_marginal_kl") - vae.value("empirical_marginal_kl_null")
    else:
        gain, part = vae.value("quilt_gain", reference="gaussian"), HALF
        whole = departure = vae.value("unlabelled_gain")
    secondary = {"gain of one Gaussian a class, nats": gain, "whole, nats": whole}
    lab.observe(CLAIM, (gain - part * whole).where(departure, at_least=LEAST), secondary=secondary)
