"""Claim: the mixture of all posteriors can match the prior though no part of it does.

Source: the first answer.
Prediction: SUPPORTED; that training brings it closer than no training, REFUTED.
Refuted by: a count in which most VAEs fall short.
Threshold: the marginal KL of the population is at most 0.15 times the 5th percentile of the KL of single images; that
    of an untrained encoder, whitened and with the same variances, is at least as large.
"""

import pytest
from hypothesis import given

from study import LISTED, Claim, Context, Estimand, Lab, Scope, maximum

LEAST_RATE = 1.0  # nats: a VAE that has collapsed has parts that match
LEAST_PART = 0.05  # nats, of a single image: less is met only where the rate is too small anyway
CELLS = {"closer": ((1.0, 2), (1.0, 4), (0.5, 2), (0.5, 4)), "trained": ((1.0, 2), (1.0, 4))}
ROWS = {f"{name}-w{w:g}-D{d}": (name, w, d) for name, cells in CELLS.items() for w, d in cells}
NAMES = {"closer": "closer than 19 of 20 single images, by 85 %", "trained": "no farther than an untrained encoder's"}
MEANS = {
    "closer": {
        "SUPPORTED": "q(z) is much closer to N(0, I) than the posteriors that it is mixed of",
        "REFUTED": "q(z) is not much closer to N(0, I) than the posteriors that it is mixed of",
    },
    "trained": {
        "SUPPORTED": "training brings q(z) closer to N(0, I) than a random encoder of the same moments is",
        "REFUTED": "a random encoder of the same moments has a q(z) closer to N(0, I) than a trained one",
    },
}


def estimand(row: str) -> Estimand:
    if ROWS[row][0] == "closer":
        # No zero: nobody would call a mixture negligibly closer that is closer by half.
        return Estimand(0.85, "share", "SUPPORTED", "pilot", "2026-11-29", zero=None)
    return Estimand(0.0, "nats", "REFUTED", "pilot", "2026-11-29")


CLAIM = Claim(
    id="mixture_is_closer_than_its_parts",
    statement="The mixture of all posteriors is closer to the prior than its parts.",
    source="first answer",
    chapter="2. One sample against the mixture",
    words={row: f"{NAMES[name]}: KL weight {w:g}, {d} latents" for row, (name, w, d) in ROWS.items()},
    means={row: MEANS[name] for row, (name, _, _) in ROWS.items()},
    parameters={"row": tuple(ROWS)},
    estimand=estimand,
    scopes={"mnist": Scope(parameters={"row": ["closer-w1-D2"]}, design=LISTED[:2])},
    registered="2026-11-29",
)


@pytest.mark.parametrize("row", ROWS)
@given(context=CLAIM.contexts())
def test_mixture_is_closer_than_its_parts(lab: Lab, row: str, context: Context) -> None:
    name, weight, latents = ROWS[row]
    vae = lab.run(context.at(kl_weight=weight, latent_dim=latents))
    mixture = vae.value("marginal_kl")
    if name == "closer":
        value = 1 - mixture / maximum(vae.value("kl_percentile", percentile=5), LEAST_PART)
        secondary = {}
    else:
        untrained = vae.value("untrained_marginal_kl")
        value, secondary = untrained - mixture, {"of the untrained encoder, nats": untrained, "trained, nats": mixture}
    lab.observe(CLAIM, value.where(vae.value("rate"), at_least=LEAST_RATE), secondary=secondary)
