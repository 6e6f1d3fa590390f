"""Classifier two-sample test of draws against N(0, I): an effect size, the accuracy."""

from __future__ import annotations

import numpy as np

from study.errors import InvalidValue
from study.latent.gaussians import Array, prior_draws
from study.measures.registry import Seeds, measure

COUNT = 720
"""Draws used, evenly spaced, so that the accuracy does not depend on how many there are."""
FOLDS = 5


@measure(unit="share", needs=("heldout_draws", "seeds"))
def two_sample_accuracy(z: Array, seeds: Seeds) -> Array:
    """Cross-validated accuracy of telling draws from as many prior draws, a share; 0.5 is a perfect match.

    Logistic regression on z, z² and cross terms, which holds every log density ratio of two Gaussians; five stratified
    folds.

    Args:
        z: Draws, ``(replica, m, latent)``; at least 10 per replica.
        seeds: For prior draws, and for folds.

    Returns:
        ``(replica,)``, in [0, 1].

    Source:
        Lopez-Paz & Oquab 2017, "Revisiting classifier two-sample tests".
    """
    own = seeds("two-sample")
    samples = [_samples(one, s) for one, s in zip(z, own, strict=True)]
    return np.array([_score(x, y, s) for (x, y), s in zip(samples, own, strict=True)])


def _samples(z: Array, seed: int) -> tuple[Array, Array]:
    """Quadratic features, ``(2 m, feature)``, and labels: 1 for ``z``, 0 for the prior."""
    m, latent = z.shape
    if m < 2 * FOLDS:
        raise InvalidValue("z", z.shape, f"at least {2 * FOLDS} draws")
    used = z[np.linspace(0, m - 1, min(COUNT, m)).round().astype(int)]
    points = np.concatenate([used, prior_draws([seed], len(used), latent, stream=2)[0]])
    first, second = np.triu_indices(latent)
    return np.concatenate([points, points[:, first] * points[:, second]], axis=1), np.repeat([1, 0], len(used))


def _score(x: Array, y: Array, seed: int) -> float:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    # A loose fit: the accuracy moves by far less than its sampling error.
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, tol=1e-2, max_iter=1000))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed % 2**32)
    return float(cross_val_score(model, x, y, cv=folds, n_jobs=1).mean())
