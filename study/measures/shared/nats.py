"""Held-out log p(x) with a sampler in place of the prior."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from study.errors import InvalidValue
from study.latent.gaussians import Array, DiagonalGaussians
from study.latent.samplers._contract import Density, Sampler
from study.latent.samplers.prior import Prior
from study.measures.registry import Seeds, shared
from study.measures.shared.heldout_weighed import DRAWS
from study.measures.tools.nats import Nats, Weighed, estimate, weighed
from study.measures.tools.proposals import Likelihood, Proposals, adapted
from study.types import Float32

MODEL_IMAGES = 100
"""Images that the model draws, by which the gap is measured in the first stage."""
ADAPTED_IMAGES, ADAPTED_DRAWS = 90, 2_000
"""Held-out images of the second stage, as many as the model draws; and draws of each."""


@shared(needs=("fitted", "heldout_weighed", "heldout_x", "log_likelihood", "sample_images", "encode", "train", "seeds"))
def nats(
    fitted: Callable[[str], Sampler],
    first: Weighed,
    x: Float32,
    likelihood: Likelihood,
    sample_images: Callable[[Array, Sequence[int]], Float32],
    encode: Callable[[Float32], DiagonalGaussians],
    train: DiagonalGaussians,
    seeds: Seeds,
    *,
    sampler: str,
    stage: Literal["first", "second"],
) -> Nats:
    """Estimate held-out log p(x) with a sampler for a prior, and its error from both sides, on the model's images."""
    r = fitted(sampler)
    if not isinstance(r, Density):
        raise InvalidValue("sampler", sampler, "a sampler with log_density(z)")
    count = MODEL_IMAGES if stage == "first" else ADAPTED_IMAGES
    star = r.draw(seeds(f"nats {stage} model latents {sampler}"), count)
    own_x = sample_images(star, seeds(f"nats {stage} model images {sampler}"))
    purpose = f"nats {stage} {sampler}"
    if stage == "first":
        held = first
        proposals = Proposals.widened(encode(own_x), Prior(train.latent))
        own = weighed(likelihood, own_x, proposals, seeds(f"{purpose} model"), DRAWS)
    else:
        some = x[:ADAPTED_IMAGES]
        for_held = adapted(likelihood, some, r, seeds(f"{purpose} adapting"))
        held = weighed(likelihood, some, for_held, seeds(purpose), ADAPTED_DRAWS)
        proposals = adapted(likelihood, own_x, r, seeds(f"{purpose} adapting model"))
        own = weighed(likelihood, own_x, proposals, seeds(f"{purpose} model"), ADAPTED_DRAWS)
    star_likelihood = likelihood(own_x, star[:, :, None])[..., 0]
    return estimate(r, held, own, star, star_likelihood, seeds(f"{purpose} replaced"))
