"""Classifier two-sample test of the encoder's means against N(0, I): an effect size, the accuracy."""

from __future__ import annotations

from typing import Literal

import numpy as np

from study.errors import InvalidValue
from study.latent.gaussians import Array, DiagonalGaussians, prior_draws
from study.measures.registry import Seeds, measure

COUNT = 1437
"""Images used, evenly spaced: as many on every data set, as the accuracy grows with their number."""
FOLDS, NEIGHBOURS = 5, 5


@measure(unit="share", needs=("train", "seeds"))
def two_sample_accuracy(q: DiagonalGaussians, seeds: Seeds, *, classifier: Literal["knn", "svc"] = "knn") -> Array:
    """Cross-validated accuracy of telling means μ(x) from as many draws of N(0, I); 0.5 is a perfect match.

    One mean an image, so that no image stands on both sides of a fold; active dimensions only, as dead ones would give
    every mean away. Means are no draws of q(z): those of an exact N(0, I) have variance 1 − σ² and score above 0.5, the
    more the lower the rate. With no active dimension the value is 0.5, which says nothing: a claim leaves the context
    out, ``.where(active_units, at_least=1)``.

    Args:
        q: Posteriors of the training split, of 10 images or more; 1,437 of them at most are used.
        seeds: For prior draws, and for folds.
        classifier: Nearest neighbours (k = 5), or a support vector machine of Gaussian kernel.

    Returns:
        ``(replica,)``, in [0, 1].

    Source:
        Lopez-Paz & Oquab 2017, "Revisiting classifier two-sample tests".
    """
    if q.samples < 2 * FOLDS:
        raise InvalidValue("train", q.samples, f"at least {2 * FOLDS} images")
    chosen = q.component(min(COUNT, q.samples))
    each = zip(q.mean[:, chosen], q.active(), seeds("two-sample"), strict=True)
    return np.array([_score(mean[:, active], seed, classifier) if active.any() else 0.5 for mean, active, seed in each])


def _score(mean: Array, seed: int, classifier: str) -> float:
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.svm import SVC

    x = np.concatenate([mean, prior_draws([seed], len(mean), mean.shape[1], stream=2)[0]])
    y = np.repeat([1, 0], len(mean))
    model = KNeighborsClassifier(NEIGHBOURS) if classifier == "knn" else SVC()
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed % 2**32)
    return float(cross_val_score(model, x, y, cv=folds, n_jobs=1).mean())
