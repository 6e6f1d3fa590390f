"""Claim: q(z|x) cannot become N(0, I): all information would be lost, reconstruction would explode.

Source: the question.
Prediction: the price SUPPORTED, and that it can be driven there; "explode" REFUTED with 2 latents, SUPPORTED with 8.
Refuted by: a count in which most VAEs fall short; one drawn discrete model that breaks an inequality.
Threshold: collapse costs a nat of the ELBO at weight 1; at weight 4 the rate is 0.05 nats at most; the distortion above
    the entropy of the pixels doubles; exact inequalities hold within 1e-9 nats.
"""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import entr, rel_entr

from study import LISTED, Claim, Context, Estimand, Lab, Scope

TOLERANCE = 1e-9
COLLAPSED = 0.05  # nats
EXACT = {
    "information": "z tells no more of x than the rate",
    "distortion": "F pixels are told no better than a constant image by F times the rate",
    "price": "collapse costs no more than a constant image misses beyond the data's entropy",
}
COUNTED = {
    "price-D2": "the price of collapse, in ELBO: 2 latents", "price-D8": "the price of collapse, in ELBO: 8 latents",
    "driven-D2": "driven there by KL weight 4: 2 latents", "driven-D8": "driven there by KL weight 4: 8 latents",
    "explodes-D2": "the distortion of collapse, in those of the VAE: 2 latents",
    "explodes-D8": "the distortion of collapse, in those of the VAE: 8 latents",
}  # fmt: skip
MEANS = {
    "price": {
        "SUPPORTED": "a posterior that is N(0, I) costs more of the ELBO than it saves",
        "REFUTED": "a posterior that is N(0, I) costs less than a nat of the ELBO",
    },
    "exact": {
        "SUPPORTED": "rate, information and distortion bound each other as they should",
        "REFUTED": "rate, information and distortion do not bound each other as they should",
    },
    "driven": {
        "SUPPORTED": "a heavy KL term does make every posterior N(0, I)",
        "REFUTED": "not even a heavy KL term makes every posterior N(0, I)",
    },
    "explodes": {
        "SUPPORTED": "without information reconstruction is worse than twice as bad",
        "REFUTED": "without information reconstruction is less than twice as bad",
    },
}


def estimand(row: str) -> Estimand:
    if row in EXACT:
        return Estimand(TOLERANCE, "nats", "SUPPORTED", "theory", "2026-11-29", kind="exact")
    kind = row.partition("-")[0]
    if kind == "explodes":
        predicted = "REFUTED" if row == "explodes-D2" else "SUPPORTED"
        # No zero: of a ratio of 1.6 nobody would say that it is negligible.
        return Estimand(2.0, "ratio", predicted, "pilot", "2026-11-29", zero=None)
    threshold, zero = (1.0, 0.0) if kind == "price" else (0.0, None)
    return Estimand(threshold, "nats", "SUPPORTED", "pilot", "2026-11-29", zero=zero)


CLAIM = Claim(
    id="collapse_destroys_information",
    statement="No posterior becomes the prior, since all information would be destroyed.",
    source="question",
    chapter="1. The objective",
    question="Why does the posterior of a single image not become the prior?",
    words={**EXACT, **COUNTED},
    means={**{row: MEANS[row.partition("-")[0]] for row in COUNTED}, **dict.fromkeys(EXACT, MEANS["exact"])},
    parameters={"row": (*COUNTED, *EXACT)},
    estimand=estimand,
    scopes={
        "mnist": Scope(parameters={"row": ["price-D2", "price-D8", "explodes-D2", "explodes-D8"]}, design=LISTED[:2])
    },
    registered="2026-11-29",
)


@pytest.mark.parametrize("row", COUNTED)
@given(context=CLAIM.contexts())
def test_collapse_destroys_information(lab: Lab, row: str, context: Context) -> None:
    kind, _, latents = row.partition("-D")
    vae = lab.run(context.at(kl_weight=4.0 if kind == "driven" else 1.0, latent_dim=int(latents)))
    constant = vae.value("constant_distortion")  # what a VAE that has collapsed misses, at a rate of 0
    if kind == "price":
        value, secondary = constant + vae.value("elbo"), {"distortion of a constant image": constant}
    elif kind == "driven":
        value, secondary = COLLAPSED - vae.value("rate"), {}
    else:
        entropy, distortion = vae.value("pixel_entropy"), vae.value("distortion")
        value = (constant - entropy) / (distortion - entropy)
        secondary = {"distortion": distortion, "entropy of the pixels": entropy}
    lab.observe(CLAIM, value, secondary=secondary)


class Model(NamedTuple):
    """All binary images of F pixels, a code z of a few values, and what is known of both, in nats."""

    pixels: int
    information: float
    rate: float
    distortion: float
    constant: float
    entropy: float


def drawn(pixels: int, codes: int, sharpness: float, seed: int) -> Model:
    """Draw p(x), q(z|x), p(z) and a decoder of independent pixels; sharp ones tell images and codes apart."""
    rng = np.random.default_rng(seed)
    x = (np.arange(2**pixels)[:, None] >> np.arange(pixels)) & 1
    data, prior = rng.dirichlet(np.ones(len(x))), rng.dirichlet(np.ones(codes))
    encoder = np.exp(sharpness * rng.normal(size=(len(x), codes)))
    encoder /= encoder.sum(1, keepdims=True)
    joint = data[:, None] * encoder
    aggregate = joint.sum(0)
    lit = 1 / (1 + np.exp(-sharpness * rng.normal(size=(codes, pixels))))
    given_z = x @ np.log(lit).T + (1 - x) @ np.log1p(-lit).T
    mean = data @ x
    return Model(
        pixels,
        information=float((data[:, None] * rel_entr(encoder, aggregate)).sum()),
        rate=float((data[:, None] * rel_entr(encoder, prior)).sum()),
        distortion=float(-(joint * given_z).sum()),
        constant=float((entr(mean) + entr(1 - mean)).sum()),
        entropy=float(entr(data).sum()),
    )


CASES = {
    "pixels": st.sampled_from(range(1, 6)),
    "codes": st.sampled_from(range(1, 6)),
    "sharpness": st.sampled_from([0.0, 1.0, 5.0]),
    "seed": st.sampled_from(range(1000)),
}


@pytest.mark.parametrize("row", ["information"])
@given(**CASES)
def test_no_more_information_than_rate(lab: Lab, row: str, **case: int) -> None:
    model = drawn(**case)  # the rate exceeds it by KL(q(z) ‖ p(z))
    lab.exact(CLAIM, max(0.0, model.information - model.rate))


@pytest.mark.parametrize("row", ["distortion"])
@given(**CASES)
def test_no_pixel_tells_more_than_the_image(lab: Lab, row: str, **case: int) -> None:
    # The distortion is at least Σ H(x_f|z) = Σ H(x_f) − I(x_f; z), a constant image misses Σ H(x_f), and I(x_f; z) is
    # at most I(x; z), which is at most the rate.
    model = drawn(**case)
    lab.exact(CLAIM, max(0.0, model.constant - model.pixels * model.rate - model.distortion))


@pytest.mark.parametrize("row", ["price"])
@given(**CASES)
def test_no_higher_price_than_the_constant_image_leaves(lab: Lab, row: str, **case: int) -> None:
    model = drawn(**case)  # the negative ELBO is at least −E log p(x), and that at least H(x)
    price = model.constant - (model.distortion + model.rate)
    lab.exact(CLAIM, max(0.0, price - (model.constant - model.entropy)))
