"""A calibrated classifier of images, deterministic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from study.latent.gaussians import Array
from study.types import Labels

if TYPE_CHECKING:
    from sklearn.calibration import CalibratedClassifierCV


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
        # scikit-learn takes a second to import; to name a measure, when claims are collected, must not.
        from sklearn.calibration import CalibratedClassifierCV
        from sklearn.decomposition import PCA
        from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
        from sklearn.model_selection import StratifiedKFold
        from sklearn.pipeline import make_pipeline

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
