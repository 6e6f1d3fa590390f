"""Planted posteriors whose aggregate is known, and planted shares and weights; for every test of this folder."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from study.data.linear_gaussian import LinearGaussian
from study.latent.gaussians import DiagonalGaussians
from study.measures.registry import Computation, Measure
from study.measures.tools.nats import Compared
from study.seeds import generator, seed

REPLICAS = 3
SEEDS = [seed("measures", r) for r in range(REPLICAS)]


def seeds(purpose: str) -> list[int]:
    """One seed per replica, whatever the purpose."""
    return SEEDS


def spread(n: int, latent: int, var: float, total: float = 1.0, key: str = "") -> DiagonalGaussians:
    """Components N(mu, var I) with mu ~ N(0, (total − var) I): the population's aggregate is N(0, total I)."""
    mean = generator("planted", n, latent, key).normal(0, np.sqrt(total - var), (REPLICAS, n, latent))
    return DiagonalGaussians(mean, np.full_like(mean, np.log(var)))


RATES = {2: 2.4, 4: 3.8, 8: 4.8, 16: 8.0}
"""Latent dimension → the rate, in nats, of a VAE of weight 1 on digits; that of 16 is higher, to be hard."""


def population(latent: int, rate: float | None = None, *, total=1.0, cut=0.0, dead=0, key=""):
    """What a VAE of digits gives, redraws too, whose population's q(z) is exactly N(0, total I), or that with a hole.

    Args:
        latent: Latent dimension.
        rate: The rate at total 1, nats; None for that of :data:`RATES`.
        total: Variance of q(z).
        cut: Share of the images that is missing: a half space, perpendicular to the first latent.
        dead: Latents added that are the prior.
        key: Another key, another draw.
    """
    var = total * np.exp(-2 * (RATES[latent] if rate is None else rate) / latent)
    redrawn = min(0.2, (total - var) / 2)  # an image's redraws lie so far apart
    rng = generator("population", latent, f"{rate} {total} {cut}", dead, key)

    def split(images: int, redraws: int) -> DiagonalGaussians:
        mean = rng.normal(0, 1, (REPLICAS, images, 1, latent))
        mean = mean * np.sqrt(total - var - redrawn)
        mean = mean + rng.normal(0, np.sqrt(redrawn), (REPLICAS, images, redraws, latent))
        if cut:  # its edge is blurred by the posteriors' width alone
            mean[..., 0] = norm.ppf(rng.random((REPLICAS, images, 1)) * (1 - cut)) * np.sqrt(total - var)
        mean = np.concatenate([mean.reshape(REPLICAS, -1, latent), np.zeros((REPLICAS, images * redraws, dead))], -1)
        log_var = np.full_like(mean, np.log(var))
        log_var[..., latent:] = 0
        return DiagonalGaussians(mean, log_var)

    train, heldout = split(1437, 9), split(360, 25)
    one = {"train": every(train, 9), "heldout": every(heldout, 25)}
    return {**one, "train_redraws": every(train, 9, 1), "heldout_redraws": every(heldout, 25, 1), "seeds": hashed}


def every(q: DiagonalGaussians, redraws: int, but: int = 0) -> DiagonalGaussians:
    """The first redraw of every image; or all ``but`` that."""
    first = np.arange(q.samples) % redraws == 0
    chosen = ~first if but else first
    return DiagonalGaussians(q.mean[:, chosen], q.log_var[:, chosen])


def hashed(purpose: str) -> list[int]:
    """One seed per replica and purpose."""
    return [seed("measures", r, purpose) for r in range(REPLICAS)]


def measured(name: str, needs, **arguments):
    """The value of a measure, a bracket, from what it needs."""
    return Computation({n: lambda n=n: needs[n] for n in needs}).value(Measure.of(name, **arguments))


def as_redraws(train: DiagonalGaussians, heldout: DiagonalGaussians):
    """Two splits, each image its one redraw."""
    splits = {"train": train, "heldout": heldout, "train_redraws": train, "heldout_redraws": heldout}
    return {**splits, "seeds": seeds}


def collapsed() -> DiagonalGaussians:
    """A collapsed encoder: every component is the prior."""
    return DiagonalGaussians(np.zeros((REPLICAS, 100, 4)), np.zeros((REPLICAS, 100, 4)))


def hole() -> DiagonalGaussians:
    """Two far clusters on the first latent with a hole at 0, mean 0 and variance 1; the second latent is the prior."""
    mean = np.zeros((REPLICAS, 400, 2))
    mean[:, :, 0] = np.tile([-0.99, -0.99, 0.99, 0.99], 100)
    log_var = np.zeros_like(mean)
    log_var[:, :, 0] = np.log(1 - 0.99**2)
    return DiagonalGaussians(mean, log_var)


def rates(*values: float) -> DiagonalGaussians:
    """Unit Gaussians on one latent whose KL are the values, the same in every replica but for their order."""
    mean = np.sqrt(2 * np.array(values))[:, None]
    means = np.stack([np.roll(mean, r, 0) for r in range(REPLICAS)])
    return DiagonalGaussians(means, np.zeros_like(means))


def linear_gaussian(off: float) -> tuple[np.ndarray, float]:
    """Weights for x = 1 under z ~ N(0, 1), x ~ N(z, 1), q off the posterior mean, and log p(x)."""
    z = 0.5 + off + np.sqrt(0.5) * generator("evidence").normal(size=(2, 400, 50))
    weights = norm.logpdf(z) + norm.logpdf(1, z) - norm.logpdf(z, 0.5 + off, np.sqrt(0.5))
    return weights, float(norm.logpdf(1, 0, np.sqrt(2)))


def shares(**samplers: np.ndarray):
    """Give planted class shares ``(replica, classifier, class)`` by sampler."""
    return lambda sampler: samplers[sampler]


def compared(**values: object) -> Compared:
    """Nats of two replicas, all zero but for what is given."""
    zero = {name: np.zeros(2) for name in ("nats", "gain", "error", "gap", "reference_gap")}
    return Compared(**{**zero, "pareto": np.zeros((2, 101)), **values})


def nats(found: Compared):
    """Give planted nats whatever the samplers and the accuracy."""
    return lambda sampler, reference, accuracy: found


def likelihood_of(model: LinearGaussian):
    """log p(x|z) of a linear-Gaussian model, equal in every replica."""

    def of(x, z):
        mean = z @ model.weights.T + model.offset
        square = (np.broadcast_to(x, (len(z), *x.shape[-2:]))[:, :, None] - mean) ** 2 / model.noise_variance
        return -0.5 * (square + np.log(2 * np.pi * model.noise_variance)).sum(-1)

    return of


def linear(latent: int, noise: float = 0.3) -> LinearGaussian:
    """A linear-Gaussian model of ten features."""
    weights = generator("proposals", latent).normal(size=(10, latent))
    return LinearGaussian(weights, np.zeros(10), noise)
