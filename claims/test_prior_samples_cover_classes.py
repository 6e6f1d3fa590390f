"""Claim: decoding z ~ N(0, I) represents the training set.

Source: the question, and the first answer.
Prediction: SUPPORTED from D = 4 on, open at D = 2; "for every VAE" REFUTED.
    Overturned on 2026-11-22 (digits, scale quick, TensorFlow, JAX and torch, seed root vae-claims-1) for two measures
    at D = 8 and 16: the overlap with the data's classes is 0.75 to 0.79 (undecided on torch) and 0.64, pulled down by
    the context of KL weight 2, where the decoder itself misses classes; the density is 0.84 and 0.79 to 0.80 of the
    decoded aggregate's, pulled down by the context of KL weight 0.5. Predicted since, before any run on seed root
    vae-claims-2: REFUTED in these four rows, which stay exploratory on vae-claims-1.
    Overturned on 2026-11-22 (digits, scale quick, JAX, seed root vae-claims-2) for the overlap at D = 4, too: 0.828,
    interval 0.806 to 0.850 against 0.85 (undecided on TensorFlow and torch). Expected now: REFUTED in this row, which
    is exploratory on vae-claims-2.
    The search's space (KL weights down to 0.125), and how it confirms (every candidate, 16 fresh seeds, 5 % shared
    among them), were set after trial runs of 2026-11-22 on vae-claims-1, of which one found none and one did not
    confirm on 8 fresh seeds at a stricter level. Its row is exploratory on vae-claims-1; on any other seed root, with
    space and rule fixed, the prediction stands: REFUTED.
Refuted by: an interval that stays below the threshold; "for every VAE" by one VAE, the smallest that a
    search finds, confirmed on fresh seeds.
Threshold: min over classes of share(decoded prior) / share(decoded held-out aggregate) ≥ 0.5; overlap
    with the data's classes (1 − total variation) ≥ 0.85; coverage and density against held-out images
    ≥ 0.9 of the decoded aggregate's. What a classifier calibrated on reconstructions, rather than on
    real images, would say is reported beside the verdict.
"""

import pytest
from hypothesis import given, seed, settings, target

from study import Claim, Context, Estimand, Lab, search_space

MEASURES = {
    "min_share_ratio": (0.5, "ratio of shares"),
    "class_overlap": (0.85, "share"),
    "coverage_ratio": (0.9, "ratio"),
    "density_ratio": (0.9, "ratio"),
}
LATENT_DIMS = ("2", "4", "8", "16")
WORDS = {
    "min_share_ratio": "share of the worst class against the aggregate's",
    "class_overlap": "overlap with the data's classes",
    "coverage_ratio": "coverage against the aggregate's",
    "density_ratio": "density against the aggregate's",
    **{latent_dim: f"D = {latent_dim}" for latent_dim in LATENT_DIMS},
}
# Row → when and where evidence overturned its prediction, and that evidence's seed root.
OVERTURNED = {
    **dict.fromkeys(
        [(measure, latent_dim) for measure in ("class_overlap", "density_ratio") for latent_dim in ("8", "16")],
        ("2026-11-22 (digits, quick)", "vae-claims-1"),
    ),
    ("class_overlap", "4"): ("2026-11-22 (digits, quick, JAX)", "vae-claims-2"),
}


def estimand(measure: str, latent_dim: str) -> Estimand:
    if (measure, latent_dim) in OVERTURNED:
        when, root = OVERTURNED[measure, latent_dim]
        overturned = f"SUPPORTED, overturned on {when}"
        return Estimand(*MEASURES[measure], predicted="REFUTED", overturned=overturned, hindsight_on=root)
    return Estimand(*MEASURES[measure], predicted="SUPPORTED" if int(latent_dim) >= 4 else "")


CLAIM = Claim(
    id="prior_samples_cover_classes",
    statement="Decoded draws of the prior represent the training set.",
    source="question, first answer",
    chapter="4. Generation",
    question="Does decoding z ~ N(0, I) represent the training set?",
    words=WORDS,
    parameters={"measure": tuple(MEASURES), "latent_dim": LATENT_DIMS},
    estimand=estimand,
    search=Estimand(*MEASURES["min_share_ratio"], predicted="REFUTED", hindsight_on="vae-claims-1"),
)


@pytest.mark.parametrize("latent_dim", LATENT_DIMS)
@pytest.mark.parametrize("measure", MEASURES)
@given(context=CLAIM.contexts())
def test_prior_samples_cover_classes(lab: Lab, measure: str, latent_dim: str, context: Context) -> None:
    vae = lab.run(context.at(latent_dim=int(latent_dim)))
    arguments = {"sampler": "prior"} if measure == "class_overlap" else {}
    secondary = {}
    if measure in ("min_share_ratio", "class_overlap"):
        again = vae.value(measure, calibrated_on="reconstructions", **arguments)
        secondary["calibrated on reconstructions"] = again
    lab.observe(CLAIM, vae.value(measure, **arguments), secondary=secondary)


# What Hypothesis draws is part of the registered search, and must not move with the text of its test.
@seed(0x26175BBFACED6BDD05A11B021591F0DAED289A30C209D32F4B639E84475058511BDEA18981AC2F19193CEDE04823CA6E)
@pytest.mark.study_search
@settings(max_examples=16)  # bounded by a number of contexts, never by seconds
@given(context=search_space())
def test_every_vae_covers_the_classes(lab: Lab, context: Context) -> None:
    # Raises at a VAE that does not; Hypothesis shrinks it to the smallest.
    value = lab.examine(CLAIM, lab.run(context).value("min_share_ratio"))
    if value is not None:
        target(-value)  # look where the claim comes closest to failing
