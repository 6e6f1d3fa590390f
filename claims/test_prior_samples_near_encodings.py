"""Claim: a z that is drawn from N(0, I) is probably close to some code μ(x).

Source: the first answer.
Prediction: at weight 1, no emptier than a prior of which a fifth is cut out: SUPPORTED with 2 latents, open with 4,
    REFUTED with 8; close to some code: SUPPORTED.
Refuted by: a count in which most VAEs fall short.
Threshold: a hole mass no larger than that of a planted N(0, I) without a fifth of its mass; 0.9 of the prior's draws no
    farther from a code than 95 % of the aggregate's.
"""

import pytest
from hypothesis import given

from study import LISTED, Claim, Context, Estimand, Lab, Scope

CUT, OTHER = 0.2, 0.4  # of a planted prior's mass
LEAST_RATE = 1.0  # nats: a VAE that has collapsed has its codes in one place
CELLS = {"hole": ((1.0, 2), (1.0, 4), (1.0, 8), (0.5, 2), (0.5, 4)), "near": ((1.0, 2),)}
ROWS = {f"{name}-w{w:g}-D{d}": (name, w, d) for name, cells in CELLS.items() for w, d in cells}
NAMES = {"hole": "no emptier than if a fifth of the prior were cut out", "near": "close to some code"}
PREDICTED = {"hole-w1-D2": "SUPPORTED", "hole-w1-D8": "REFUTED", "near-w1-D2": "SUPPORTED"}
MEANS = {
    "hole": {
        "SUPPORTED": "q(z) leaves less of N(0, I) empty than if a fifth were cut out",
        "REFUTED": "q(z) leaves more of N(0, I) empty than if a fifth were cut out",
    },
    "near": {
        "SUPPORTED": "draws of N(0, I) lie about as close to some code as draws of q(z) do",
        "REFUTED": "draws of N(0, I) lie farther from all codes than draws of q(z) do",
    },
}


def estimand(row: str) -> Estimand:
    threshold = 0.0 if ROWS[row][0] == "hole" else 0.9
    if row not in PREDICTED:
        return Estimand(threshold, "share", zero=None)
    return Estimand(threshold, "share", PREDICTED[row], "pilot", "2026-11-29", zero=None)


CLAIM = Claim(
    id="prior_samples_near_encodings",
    statement="A draw of the prior is probably close to some code.",
    source="first answer",
    chapter="4. Generation",
    words={row: f"{NAMES[name]}: KL weight {w:g}, {d} latents" for row, (name, w, d) in ROWS.items()},
    means={row: MEANS[name] for row, (name, _, _) in ROWS.items()},
    parameters={"row": tuple(ROWS)},
    estimand=estimand,
    scopes={"mnist": Scope(parameters={"row": [row for row in ROWS if ROWS[row][1] == 1]}, design=LISTED[:2])},
    registered="2026-11-29",
)


@pytest.mark.parametrize("row", ROWS)
@given(context=CLAIM.contexts())
def test_prior_samples_near_encodings(lab: Lab, row: str, context: Context) -> None:
    name, weight, latents = ROWS[row]
    vae = lab.run(context.at(kl_weight=weight, latent_dim=latents))
    if name == "hole":
        hole = vae.value("hole_mass")
        value = vae.value("planted_hole_mass", cut=CUT) - hole
        secondary = {"if two fifths were cut out": vae.value("planted_hole_mass", cut=OTHER) - hole, "hole mass": hole}
    else:
        value, secondary = vae.value("nearest_code_share"), {}
    lab.observe(CLAIM, value.where(vae.value("rate"), at_least=LEAST_RATE), secondary=secondary)
