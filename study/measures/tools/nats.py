"""Nats of a sampler: log p(x) where the prior is replaced by r(z), E log ∫ p(x|z) r(z) dz, from both sides.

Importance sampling is a lower bound on average. On images that the model itself drew, with r for a prior, one draw is
an exact posterior's: the latent z* that the image was decoded from. With it in place of another draw the estimate is an
upper bound, and the difference, the *gap*, is the error that draws of so many images show.

Source:
    Burda, Grosse & Salakhutdinov 2016, "Importance weighted autoencoders" (lower bound); Grosse, Ghahramani & Adams
    2015, "Sandwiching the marginal likelihood using bidirectional Monte Carlo" (upper bound).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from study.latent.gaussians import Array
from study.latent.samplers._contract import Density
from study.measures.tools.proposals import Likelihood, Proposals, density
from study.measures.tools.tails import pareto_k, tail_of
from study.types import Float32


@dataclass(frozen=True, eq=False)
class Weighed:
    """Draws for images, and what does not depend on a sampler: its density times this is a weight.

    Attributes:
        z: Latents, ``(replica, image, draw, latent)``.
        base: log p(x|z) − log of the proposal's density, nats, ``(replica, image, draw)``.
        proposals: What they were drawn from.
        broad: Log density of its sampler at the latents, nats, ``(replica, image, draw)``.
    """

    z: Float32
    base: Float32
    proposals: Proposals
    broad: Float32

    def log_weights(self, sampler: Density) -> Float32:
        """Log weights with a sampler for a prior, nats, ``(replica, image, draw)``."""
        known = sampler == self.proposals.sampler
        return self.base + (self.broad if known else density(sampler, self.z, self.proposals.own(self.z.shape[2])))


def weighed(likelihood: Likelihood, x: Float32, proposals: Proposals, seeds: Sequence[int], count: int) -> Weighed:
    """Draw from proposals for images ``(n, feature)`` or ``(replica, n, feature)``; see :class:`Weighed`."""
    z = proposals.draw(seeds, count)
    broad = density(proposals.sampler, z, proposals.own(count))
    base = likelihood(x, z).astype(np.float32) - proposals.log_density(z, broad)
    return Weighed(z, base, proposals, broad)


def mean_weight(log_weights: Float32) -> Array:
    """Log of the mean weight, a lower bound of log p(x) on average, nats, ``(…, draw)`` → ``(…)``."""
    top = log_weights.max(-1, keepdims=True)
    return top[..., 0].astype(np.float64) + np.log(np.exp(log_weights - top).mean(-1, dtype=np.float64))


def replaced(log_weights: Float32, star: Array, first: Array, own: int, seeds: Sequence[int]) -> Float32:
    """Put an exact draw of the posterior in place of one draw, ``(replica, image, draw)``.

    It replaces a draw of the part of the proposal that it would have come from: so the bound holds for fixed numbers of
    draws of each part.

    Args:
        log_weights: Of draws from the proposals, ``(replica, image, draw)``.
        star: Log weight of the exact draw, ``(replica, image)``.
        first: Probability that it came from the proposal's first part, ``(replica, image)``.
        own: How many draws, the first ones, are of that part.
        seeds: One a replica.
    """
    chance = np.stack([np.random.Generator(np.random.PCG64([int(s), 6])).random(star.shape[1]) for s in seeds])
    last = log_weights.shape[-1] - 1
    slot = np.where((chance < first) | (own > last), 0, last)
    out = log_weights.copy()
    np.put_along_axis(out, slot[..., None], star[..., None].astype(np.float32), axis=-1)
    return out


@dataclass(frozen=True, eq=False)
class Nats:
    """Log p(x) with a sampler for a prior.

    Attributes:
        lower: Lower bound on average, nats, ``(replica, image)``.
        gap: Upper less lower bound, on images that the model drew, nats, ``(replica,)``; not below 0.
        tail: The largest log weights of each image, ascending, ``(replica, image, tail)``; see :func:`tail_of`.
    """

    lower: Array
    gap: Array
    tail: Array


def estimate(
    sampler: Density,
    held: Weighed,
    own: Weighed,
    star: Array,
    star_likelihood: Array,
    seeds: Sequence[int],
) -> Nats:
    """Estimate log p(x) with a sampler for a prior, and its error.

    Args:
        sampler: The sampler r.
        held: Draws for the images in question.
        own: Draws for images that the model drew with r for a prior.
        star: Latents that the model's images were decoded from, ``(replica, image, latent)``.
        star_likelihood: log p(x|z) of each of these images and its own latent, nats, ``(replica, image)``.
        seeds: One a replica.
    """
    proposals, z = own.proposals, star[:, :, None].astype(np.float32)
    parts = proposals.parts(z, density(proposals.sampler, z))
    whole = np.logaddexp(*parts)
    weight = (star_likelihood[..., None] + density(sampler, z) - whole)[..., 0]
    weights = own.log_weights(sampler)
    count = proposals.own(weights.shape[-1])
    upper = mean_weight(replaced(weights, weight, np.exp(parts[0] - whole)[..., 0], count, seeds))
    found = held.log_weights(sampler)
    gap = np.maximum((upper - mean_weight(weights)).mean(1), 0)
    return Nats(mean_weight(found), gap, tail_of(found))


@dataclass(frozen=True, eq=False)
class Compared:
    """A sampler against a reference, each replica by the stage that is exact enough for it; nats, ``(replica,)``.

    Attributes:
        nats: Log p(x) with the sampler for a prior; where the second stage was needed, the first one's mean over all
            images, put right by how far the second moves its own images.
        gain: Nats of the sampler less nats of the reference.
        error: Standard error of the gain over images.
        gap: Gap of the sampler.
        reference_gap: Gap of the reference.
        pareto: Percentiles 0 to 100 over images of Pareto k̂ of the sampler's weights, at least −1, ``(replica, 101)``.
    """

    nats: Array
    gain: Array
    error: Array
    gap: Array
    reference_gap: Array
    pareto: Array


def compared(of: Callable[[str, str], Nats], sampler: str, reference: str, accuracy: float) -> Compared:
    """Compare two samplers on the same images; the second stage is asked for only where the first is not exact enough.

    Args:
        of: Sampler and stage, ``first`` or ``second`` → nats.
        sampler: A sampler.
        reference: What it is compared with.
        accuracy: The gap above which a replica needs the second stage, nats.
    """
    pair = of(sampler, "first"), of(reference, "first")
    rough = np.maximum(pair[0].gap, pair[1].gap) > accuracy
    better = (of(sampler, "second"), of(reference, "second")) if rough.any() else pair
    rows: list[tuple[float, ...]] = []
    pareto = []
    for r, second in enumerate(rough):
        one, other = better if second else pair
        gains = one.lower[r] - other.lower[r]
        moved = one.lower[r] - pair[0].lower[r, : len(gains)]  # by nothing, in the first stage
        whole = pair[0].lower[r].mean() + moved.mean()
        rows.append((whole, gains.mean(), gains.std(ddof=1) / len(gains) ** 0.5, one.gap[r], other.gap[r]))
        pareto.append(np.percentile(np.maximum(pareto_k(one.tail[r]), -1.0), np.arange(101)))
    nats, gain, error, gap, reference_gap = np.array(rows).T
    return Compared(nats, gain, error, gap, reference_gap, np.stack(pareto))
