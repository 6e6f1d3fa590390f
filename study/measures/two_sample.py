"""Classifier two-sample test of draws against N(0, I): an effect size, the accuracy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from study.errors import InvalidValue
from study.latent.gaussians import Array, prior_draws

COUNT = 720
FOLDS = 5


def accuracy(z: Array, seeds: Sequence[int], count: int = COUNT) -> Array:
    """Cross-validated accuracy of telling draws from as many prior draws, a share; 0.5 is a perfect match.

    Logistic regression on z, z² and cross terms, which holds every log density ratio of two Gaussians; five stratified
    folds.

    Args:
        z: Draws, ``(replica, m, latent)``; at least 10 per replica.
        seeds: One seed per replica: prior draws, and folds.
        count: Number of draws used, evenly spaced, so that the accuracy does not depend on m.

    Returns:
        ``(replica,)``, in [0, 1].

    Source:
        Lopez-Paz & Oquab 2017, "Revisiting classifier two-sample tests".
    """
    samples = [_samples(one, s, count) for one, s in zip(z, seeds, strict=True)]
    return np.array([_score(x, y, s) for (x, y), s in zip(samples, seeds, strict=True)])


def permutation_null(z: Array, seeds: Sequence[int], permutations: int = 20, count: int = COUNT) -> Array:
    """Accuracies of the same judge after the labels were permuted, a share: ``(replica, permutation)``.

    Args:
        z: Draws, ``(replica, m, latent)``.
        seeds: One seed per replica.
        permutations: Number of permutations; each costs as much as the accuracy itself.
        count: Number of draws used.

    Source:
        Phipson & Smyth 2010: with b of k null values at or above the observed one, p = (b + 1) / (k + 1).
    """
    out = np.empty((len(z), permutations))
    for r, (one, s) in enumerate(zip(z, seeds, strict=True)):
        x, y = _samples(one, s, count)
        rng = np.random.Generator(np.random.PCG64([s, 3]))
        out[r] = [_score(x, rng.permutation(y), s) for _ in range(permutations)]
    return out


def _samples(z: Array, seed: int, count: int) -> tuple[Array, Array]:
    """Quadratic features, ``(2 count, feature)``, and labels: 1 for ``z``, 0 for the prior."""
    m, latent = z.shape
    if m < 2 * FOLDS or count < 2 * FOLDS:
        raise InvalidValue("z, count", (m, count), f"at least {2 * FOLDS} draws")
    used = z[np.linspace(0, m - 1, min(count, m)).round().astype(int)]
    points = np.concatenate([used, prior_draws([seed], len(used), latent, stream=2)[0]])
    first, second = np.triu_indices(latent)
    return np.concatenate([points, points[:, first] * points[:, second]], axis=1), np.repeat([1, 0], len(used))


def _score(x: Array, y: Array, seed: int) -> float:
    # A loose fit: the accuracy moves by far less than its sampling error.
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, tol=1e-2, max_iter=1000))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed % 2**32)
    return float(cross_val_score(model, x, y, cv=folds, n_jobs=1).mean())
