"""Marginal KL over images that the VAE itself draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from study.latent.gaussians import Array, DiagonalGaussians, prior_draws
from study.measures.registry import Seeds, measure
from study.measures.tools.bracket import Bracket
from study.measures.tools.marginal import population
from study.types import Float32


@measure(unit="nats", needs=("sample_images", "encode", "train", "heldout_redraws", "seeds"))
def own_images_marginal_kl(
    sample_images: Callable[[Array, Sequence[int]], Float32],
    encode: Callable[[Float32], DiagonalGaussians],
    train: DiagonalGaussians,
    heldout_redraws: DiagonalGaussians,
    seeds: Seeds,
) -> Bracket:
    """Marginal KL of q(z) over the model's own images x ~ p(x|z), z ~ N(0, I), nats; a bracket, as ``marginal_kl``.

    Were every posterior the true one it would be 0: then E q(z|x) over the model's images is its prior. The images are
    as many as there are redraws of held-out ones, for either end of the bracket, and no two share a latent.

    Args:
        sample_images: Latents and seeds → images.
        encode: Images → their posteriors.
        train: Posteriors of the training split, which say how many latents there are.
        heldout_redraws: Posteriors of redraws of held-out images, which say how many images to draw.
        seeds: For latents, pixels, and 2,880 draws.

    Returns:
        The bracket of :func:`study.measures.tools.marginal.population`, ``(replica,)``.

    Source:
        The first answer: p(z) = E p(z|x), the expectation over the model's x.
    """
    one, other = (
        encode(
            sample_images(
                prior_draws(seeds(f"own {half} latents"), heldout_redraws.samples, train.latent),
                seeds(f"own {half} images"),
            )
        )
        for half in ("images", "other images")
    )
    return population(one, other, seeds("own population"))
