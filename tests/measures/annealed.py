"""Annealed importance sampling: a second opinion on log p(x), from no encoder and no proposals of Gaussians.

Chains start at draws of the prior p(z) and pass through p(z) p(x|z)^β, β rising from 0 to 1; between two temperatures a
Hamiltonian transition, accepted or rejected, leaves the present density alone. The mean weight is p(x) on average.

Source:
    Neal 2001, "Annealed importance sampling"; Wu, Burda, Salakhutdinov & Grosse 2017, "On the quantitative analysis of
    decoder-based generative models" (sigmoid schedule, Hamiltonian transitions).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logsumexp

from study.seeds import generator

STEEP = 4.0
"""The sigmoid's argument goes from −4 to 4."""
LEAPFROG = 4
"""Leapfrog steps of a transition."""
CHAINS_BEFORE = 16
"""Chains an image of the run that adapts the step sizes."""
ACCEPTED, FACTOR = 0.8, 1.05
"""Share of proposals to accept, and the factor by which a step size that misses it changes."""

Points = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Images ``(image, feature)``, z ``(image, chain, latent)`` → log p(x|z) ``(image, chain)``, or its gradient in z."""


@dataclass(frozen=True, eq=False)
class Annealed:
    """What annealing found.

    Attributes:
        nats: Log of the mean weight over chains, ``(image,)``.
        error: Standard error of it over chains, ``(image,)``.
        accepted: Share of proposals that were accepted.
    """

    nats: np.ndarray
    error: np.ndarray
    accepted: float


def schedule(temperatures: int) -> np.ndarray:
    """Inverse temperatures from 0 to 1, ``(temperatures,)``, dense at both ends."""
    raw = expit(np.linspace(-STEEP, STEEP, temperatures))
    return (raw - raw[0]) / (raw[-1] - raw[0])


def annealed(
    log_likelihood: Points, gradient: Points, x: np.ndarray, latent: int, *, key: str, chains=16, temperatures=1_000
) -> Annealed:
    """Estimate log p(x) of each image under z ~ N(0, I).

    Step sizes, one for each image and temperature, are adapted by chains of their own, and then fixed: adapting them
    while annealing would make transitions depend on the draws, and the weights biased.
    """
    betas = schedule(temperatures)
    steps = np.full((temperatures, len(x)), 0.5)
    _run(log_likelihood, gradient, x, latent, betas, steps, CHAINS_BEFORE, generator(key, "before"), adapting=True)
    log_weight, accepted = _run(log_likelihood, gradient, x, latent, betas, steps, chains, generator(key, "annealing"))
    nats = logsumexp(log_weight, axis=1) - np.log(chains)
    error = np.exp(log_weight - nats[:, None]).std(1, ddof=1) / chains**0.5
    return Annealed(nats, error, accepted)


def _run(log_likelihood, gradient, x, latent, betas, steps, chains, rng, adapting=False):
    """Return log weights ``(image, chain)`` and the share accepted; where it adapts, steps are written."""
    z = rng.standard_normal((len(x), chains, latent))
    here, slope = log_likelihood(x, z), gradient(x, z)
    log_weight, accepted = np.zeros(here.shape), 0.0
    for k in range(1, len(betas)):
        beta = betas[k]
        log_weight += (beta - betas[k - 1]) * here
        # Between half and one and a half of it, drawn apart from the chains: no trajectory closes on itself.
        step = (steps[k] * rng.uniform(0.5, 1.5))[:, None, None]
        momentum = rng.standard_normal(z.shape)
        energy = beta * here - 0.5 * (np.square(z) + np.square(momentum)).sum(-1)
        there, tangent = z, slope
        for _ in range(LEAPFROG):
            momentum = momentum + 0.5 * step * (beta * tangent - there)
            there = there + step * momentum
            tangent = gradient(x, there)
            momentum = momentum + 0.5 * step * (beta * tangent - there)
        value = log_likelihood(x, there)
        change = beta * value - 0.5 * (np.square(there) + np.square(momentum)).sum(-1) - energy
        moved = np.log(rng.random(change.shape)) < change
        z, slope = np.where(moved[..., None], there, z), np.where(moved[..., None], tangent, slope)
        here = np.where(moved, value, here)
        accepted += moved.mean()
        if adapting:
            steps[k + 1 :] = steps[k] * np.where(moved.mean(1) > ACCEPTED, FACTOR, 1 / FACTOR)
    return log_weight, accepted / (len(betas) - 1)
