"""Classes of generated images: a classifier that knows its own errors, shares, and what they miss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline

from study.errors import InvalidValue
from study.latent.gaussians import Array

Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ImageClassifier:
    """A calibrated classifier of images, deterministic; see :meth:`fit`.

    Attributes:
        model: The fitted scikit-learn classifier.
        classes: Its labels, sorted, ``(class,)``.
    """

    model: CalibratedClassifierCV
    classes: Labels

    @classmethod
    def fit(cls, train_x: Array, train_y: Labels, components: int = 40) -> ImageClassifier:
        """Fit one Gaussian per class on principal components, and calibrate its scores by three-fold cross-validation.

        Args:
            train_x: Real images, ``(n, feature)``.
            train_y: Their labels, ``(n,)``.
            components: Principal components kept, fewer where the data have fewer.

        Source:
            Platt 1999, "Probabilistic outputs for support vector machines" (the calibration).
        """
        components = min(components, *(size // 2 for size in train_x.shape))
        model = CalibratedClassifierCV(
            make_pipeline(
                PCA(components, svd_solver="full", whiten=True), QuadraticDiscriminantAnalysis(reg_param=0.1)
            ),
            cv=StratifiedKFold(3, shuffle=True, random_state=0),
            ensemble=False,
            n_jobs=1,
        )
        model.fit(train_x, train_y)
        return cls(model, np.asarray(model.classes_))

    def label(self, images: Array) -> Labels:
        """Return the most probable class of each image, ``(..., feature)`` → ``(...,)``."""
        images = np.asarray(images)
        return self.model.predict(images.reshape(-1, images.shape[-1])).reshape(images.shape[:-1])

    def accuracy(self, images: Array, labels: Labels) -> float:
        """Share of real images, or of their reconstructions, labelled rightly."""
        return float(np.mean(self.label(images) == labels))

    def confusion(self, images: Array, labels: Labels) -> Array:
        """Share of each true class given each label: ``(true class, label)``, rows sum to 1.

        Args:
            images: Held-out real images, or their reconstructions, ``(n, feature)``; every class must occur.
            labels: Their true classes, ``(n,)``.
        """
        found = self.label(images)
        rows = [found[labels == c] for c in self.classes]
        if not all(map(len, rows)):
            raise InvalidValue("labels", np.unique(labels), "at least one image of every class")
        return np.stack([class_shares(row, self.classes) for row in rows])


def correct(shares: Array, confusion: Array) -> Array:
    """Undo the classifier's errors: the true shares whose confusion comes closest to the shares seen.

    Args:
        shares: Shares of labels, ``(..., class)``.
        confusion: :meth:`ImageClassifier.confusion`, ``(true class, label)``.

    Returns:
        Shares of true classes, non-negative, sum 1, of the shape of ``shares``.

    Source:
        Saerens, Latinne & Decaestecker 2002, "Adjusting the outputs of a classifier" (confusion-matrix method),
        by non-negative least squares.
    """
    flat = np.atleast_2d(shares).reshape(-1, len(confusion))
    found = np.stack([nnls(confusion.T, row)[0] for row in flat])
    return (found / found.sum(-1, keepdims=True)).reshape(np.shape(shares))


def class_shares(labels: Labels, classes: Labels) -> Array:
    """Share of each class among labels, ``(..., n)`` → ``(..., class)``."""
    return np.stack([(labels == c).mean(-1) for c in classes], axis=-1)


def min_share_ratio(prior: Array, aggregate: Array, least: float = 0.01) -> Array:
    """Least over classes of share(prior draws) / share(aggregate draws), a ratio, ``(replica,)``.

    A class that aggregate draws miss as well is the decoder's failure, not the sampling's: it is left out here and
    reported by :func:`decoder_misses`. Where all are missed there is nothing to represent, and the ratio is 0.

    Args:
        prior: Shares of decoded prior draws, ``(replica, class)``.
        aggregate: Shares of decoded held-out aggregate draws, ``(replica, class)``.
        least: Share below which a class counts as missed.
    """
    present = ~decoder_misses(aggregate, least)
    ratio = np.where(present, prior / np.where(present, aggregate, 1.0), np.inf).min(-1)
    return np.where(present.any(-1), ratio, 0.0)


def decoder_misses(aggregate: Array, least: float = 0.01) -> NDArray[np.bool_]:
    """Say which classes the decoded aggregate draws miss, ``(replica, class)``."""
    return np.asarray(aggregate) < least


def total_variation(shares: Array, data_shares: Array) -> Array:
    """Total variation distance to the data's classes, in [0, 1], ``(replica,)``."""
    return 0.5 * np.abs(shares - data_shares).sum(-1)
