"""Class shares: counted from labels, corrected for the classifier's errors, and which classes are missed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from study.errors import InvalidValue
from study.latent.gaussians import Array
from study.types import Labels

LEAST = 0.01
"""Share below which a class counts as missed."""


def shares_of(labels: Labels, classes: Labels) -> Array:
    """Share of each class among labels, ``(..., n)`` → ``(..., class)``."""
    return np.stack([(labels == c).mean(-1) for c in classes], axis=-1)


def confusion(found: Labels, labels: Labels, classes: Labels) -> Array:
    """Share of each true class given each label: ``(true class, label)``, rows sum to 1.

    Args:
        found: What the classifier says of held-out images, or of their reconstructions, ``(n,)``.
        labels: Their true classes, ``(n,)``; every class must occur.
        classes: All classes, ``(class,)``.
    """
    rows = [found[labels == c] for c in classes]
    if not all(map(len, rows)):
        raise InvalidValue("labels", np.unique(labels), "at least one image of every class")
    return np.stack([shares_of(row, classes) for row in rows])


def correct(shares: Array, confusion: Array) -> Array:
    """Undo the classifier's errors: the true shares whose confusion comes closest to the shares seen.

    Args:
        shares: Shares of labels, ``(..., class)``.
        confusion: Of :func:`confusion`, ``(true class, label)``.

    Returns:
        Shares of true classes, non-negative, sum 1, of the shape of ``shares``.

    Source:
        Saerens, Latinne & Decaestecker 2002, "Adjusting the outputs of a classifier" (confusion-matrix method),
        by non-negative least squares.
    """
    flat = np.atleast_2d(shares).reshape(-1, len(confusion))
    found = np.stack([nnls(confusion.T, row)[0] for row in flat])
    return (found / found.sum(-1, keepdims=True)).reshape(np.shape(shares))


def missed(shares: Array) -> NDArray[np.bool_]:
    """Say which classes are missed, ``(replica, class)``."""
    return np.asarray(shares) < LEAST
