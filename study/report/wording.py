"""The claims in plain words, in reading order, and the questions that they answer together."""

from __future__ import annotations

CHAPTERS: dict[str, dict[str, str]] = {
    "About the objective": {
        "elbo_identity": "The loss maximises log p(x) − KL(q(z|x) ‖ p(z|x)).",
        "kl_pull": "The KL term drives q(z|x) toward N(0, I).",
        "collapse_destroys_information": "q(z|x) cannot become N(0, I) without losing all information on x, "
        "and reconstruction pays for it.",
    },
    "One sample against the mixture": {
        "per_sample_posterior_differs": "The posterior q(z|x) of one sample is not the prior.",
        "mixture_is_closer_than_its_parts": "The mixture q(z) matches the prior far better than its parts q(z|x) do.",
        "aggregate_close_to_prior": "The mixture q(z) ends up very close to N(0, I).",
        "uniform_quilt": "Classes encoded side by side can fill the prior exactly, though no class matches it.",
        "quilt_of_class_gaussians": "The mixture looks like a quilt of one Gaussian per class.",
        "aggregate_is_expected_posterior": "The prior is the mixture of the exact posteriors, p(z) = E_x p(z|x).",
    },
    "Capacity": {
        "aggregate_posterior_approaches_prior": "With a wider and deeper encoder, and with more latents, "
        "q(z) comes closer to N(0, I).",
        "information_per_dimension_falls": "With more latents, each latent dimension has less to store.",
        "two_dimensional_picture": "With two latents q(z) is visibly not N(0, I); a third layer and more latents "
        "bring it closer.",
        "mixture_bigger_than_prior": "The mixture is bigger than N(0, I).",
    },
    "Generation": {
        "prior_samples_cover_classes": "Decoding z ~ N(0, I) represents the training set.",
        "prior_samples_near_encodings": "A z drawn from the prior is probably close to some code μ(x).",
        "aggregate_sampling_beats_prior": "Sampling the mixture instead of the prior generates better.",
        "mismatched_prior_hurts": "If q(z) were N(0, 2I), sampling N(0, I) would misrepresent the data.",
        "joint_then_discard": "Sampling p(x) is sampling (x, z) and discarding z.",
        "encoder_is_irrelevant_to_generation": "For generation only p(x) = ∫ p(x|z) p(z) dz matters, not the encoder.",
        "posterior_gap_predicts_prior_gap": "How close q(z|x) is to p(z|x) decides whether prior sampling makes sense.",
    },
}
"""Chapter → claim id → sentence, in the order in which the page shows them."""

QUESTIONS: dict[str, str] = {
    "Is the posterior of a single sample different from the prior?": "per_sample_posterior_differs",
    "Is the mixture of all posteriors much closer to the prior than its parts?": "mixture_is_closer_than_its_parts",
    "Is that mixture very close to N(0, I)?": "aggregate_close_to_prior",
    "Does more capacity bring it closer?": "aggregate_posterior_approaches_prior",
    "Does decoding z ~ N(0, I) represent the training set?": "prior_samples_cover_classes",
    "Would it be better to sample the mixture instead?": "aggregate_sampling_beats_prior",
}
"""The discussion's questions → the claim whose rows answer each."""

SENTENCES = {claim: sentence for claims in CHAPTERS.values() for claim, sentence in claims.items()}


def sentence(claim: str) -> str:
    """Return a claim in plain words; a claim not listed here says its own id."""
    return SENTENCES.get(claim, claim.replace("_", " ").capitalize() + ".")


def chapters(claims: set[str]) -> dict[str, list[str]]:
    """Sort the claims that have evidence into chapters, unlisted ones last."""
    sorted_ids = {title: [claim for claim in known if claim in claims] for title, known in CHAPTERS.items()}
    sorted_ids["Other claims"] = sorted(claims - set(SENTENCES))
    return {title: ids for title, ids in sorted_ids.items() if ids}
