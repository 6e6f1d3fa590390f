"""The mixture that densities are timed on: as many components as MNIST has images, ten latents."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import DiagonalGaussians

COMPONENTS, LATENTS = 60_000, 10
ALL_POINTS = 10_000
SIDE_BY_SIDE = 1_000
"""Points of the comparison: at 10,000 the peers would take minutes a round."""


def mixture(points: int) -> tuple[DiagonalGaussians, np.ndarray]:
    """A mixture as an encoder gives one (means spread over the prior, σ about 0.2), and draws of it."""
    rng = np.random.default_rng(20261122)
    shape = (1, COMPONENTS, LATENTS)
    q = DiagonalGaussians(rng.normal(0, 0.95, shape), rng.normal(-3.2, 0.5, shape))
    return q, q.draw([1], points)


def direct(q: DiagonalGaussians, z: np.ndarray) -> np.ndarray:
    """The log density of one replica at ``z`` (point, latent) in float64 without any shortcut, nats."""
    mean, log_var = q.mean[0], q.log_var[0]
    out = np.empty(len(z))
    for i, point in enumerate(z):
        logits = -0.5 * ((point - mean) ** 2 * np.exp(-log_var) + log_var + np.log(2 * np.pi)).sum(-1)
        top = logits.max()
        out[i] = top + np.log(np.exp(logits - top).sum()) - np.log(len(mean))
    return out
