"""Claim: each latent has less to store when there are more of them.

Source: the second answer.
Prediction: SUPPORTED.
Refuted by: a count in which most VAEs have a doubling of D, from 2 to 4 to 8, along which the rate a latent falls
    by less.
Threshold: the rate divided by D, or by the active latents, falls by 10 % or more whenever D doubles.
"""

import pytest
from hypothesis import given

from study import LISTED, Claim, Context, Estimand, Lab, Scope, maximum, minimum

STEPS = ((2, 4), (4, 8))
LEAST_RATE = 1.0  # nats, at the last level: nothing is stored in a VAE that collapses
ROWS = {
    f"{name}-w{weight:g}": (name, weight)
    for name, weights in {"latent": (0.5, 1.0, 2.0), "active": (0.5, 1.0)}.items()
    for weight in weights
}
WORDS = {
    row: f"rate divided by {'D' if name == 'latent' else 'the active latents'}: KL weight {weight:g}"
    for row, (name, weight) in ROWS.items()
}

CLAIM = Claim(
    id="information_per_dimension_falls",
    statement="Each latent stores less where there are more.",
    source="second answer",
    chapter="3. Capacity",
    words=WORDS,
    means={
        "": {
            "SUPPORTED": "with more latents each of them stores less",
            "REFUTED": "with more latents each of them stores as much",
        }
    },
    parameters={"row": tuple(ROWS)},
    estimand=lambda row: Estimand(0.1, "share per doubling", "SUPPORTED", "pilot", "2026-11-29"),
    scopes={"mnist": Scope(parameters={"row": ["latent-w1", "active-w1"]}, design=LISTED[:2])},
    registered="2026-11-29",
)


@pytest.mark.parametrize("row", ROWS)
@given(context=CLAIM.contexts())
def test_information_per_dimension_falls(lab: Lab, row: str, context: Context) -> None:
    name, weight = ROWS[row]
    sweeps = [lab.run(context.at(kl_weight=weight).along("latent_dim", step)) for step in STEPS]
    if name == "latent":  # the rate is divided among twice as many
        falls = [1 - (1 - sweep.relative_fall("rate")) / 2 for sweep in sweeps]
    else:  # where none is active, the rate, next to nothing, counts whole
        falls = [s.relative_fall(lambda v: v.value("rate") / maximum(v.value("active_units"), 1)) for s in sweeps]
    lab.observe(CLAIM, minimum(*falls).where(sweeps[-1].vaes[-1].value("rate"), at_least=LEAST_RATE))
