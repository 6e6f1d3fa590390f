"""Claim: q(z|x) is not the prior, for every VAE of the list whose mean rate is at least 2 nats.

Source: the question, and the first answer.
Prediction: SUPPORTED.
Refuted by: one VAE whose seeds fall short of the threshold, again on fresh seeds.
Threshold: the 5th percentile over held-out x of KL(q(z|x) ‖ N(0, I)) is at least 0.5 nats.
"""

from hypothesis import given

from study import LISTED, VAE_GRID, Claim, Context, Estimand, Lab, Scope, grid_contexts

LEAST_RATE = 2.0  # nats

CLAIM = Claim(
    id="per_sample_posterior_differs",
    statement="The posterior of a single sample is not the prior.",
    source="question, first answer",
    chapter="2. One sample against the mixture",
    question="Is the posterior of a single sample different from the prior?",
    means={
        "": {
            "SUPPORTED": "the posterior of a single image is not N(0, I)",
            "REFUTED": "for some VAEs the posterior of a single image comes close to N(0, I)",
        }
    },
    parameters={},
    estimand=lambda: Estimand(0.5, "nats", predicted="SUPPORTED", basis="pilot", dated="2026-11-28", kind="every"),
    design=grid_contexts(VAE_GRID),  # three architectures × KL weights 1, 0.5, 0.25 × 2, 4, 8 latents
    scopes={"mnist": Scope(parameters={}, design=grid_contexts({**VAE_GRID, "kl_weight": (1.0,)}, LISTED[:2]))},
    registered="2026-11-28",
)


@given(context=CLAIM.contexts())
def test_per_sample_posterior_differs(lab: Lab, context: Context) -> None:
    vae = lab.run(context)
    value = vae.value("kl_percentile", percentile=5)
    lab.show("information", vae)
    lab.observe(CLAIM, value.where(vae.value("rate"), at_least=LEAST_RATE))
