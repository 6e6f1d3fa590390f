"""Two classifiers of images, deterministic, so that no verdict hangs on the errors of one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from study.latent.gaussians import Array
from study.types import Labels

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

CLASSIFIERS = ("knn", "svc")
NEIGHBOURS = 5
"""Neighbours of the first."""
LANDMARKS = 500
"""Images whose kernels the second is linear in."""
COMPONENTS = 64
"""Principal components kept, where images have more pixels: digits are taken as they are."""
IMAGES = 10_000
"""Training images at most, the first ones."""


@dataclass(frozen=True, eq=False)
class ImageClassifier:
    """A classifier of images; see :meth:`fit`.

    Attributes:
        model: The fitted scikit-learn pipeline.
        classes: Its labels, sorted, ``(class,)``.
    """

    model: Pipeline
    classes: Labels

    @classmethod
    def fit(cls, name: str, train_x: Array, train_y: Labels) -> ImageClassifier:
        """Fit one of :data:`CLASSIFIERS` on real images.

        ``knn`` has the five nearest neighbours vote. ``svc`` is a support vector machine that is linear in the Gaussian
        kernels of 500 images, which labels 10,000 images in a tenth of the time of an exact kernel's. Of images with
        many pixels either sees 64 principal components; either learns from 10,000 images at most.

        Args:
            name: Its name.
            train_x: Real images, ``(n, feature)``.
            train_y: Their labels, ``(n,)``.

        Source:
            Cover & Hart 1967, "Nearest neighbor pattern classification"; Williams & Seeger 2001, "Using the Nyström
            method to speed up kernel machines".
        """
        # scikit-learn takes a second to import; to name a measure, when claims are collected, must not.
        from sklearn.decomposition import PCA
        from sklearn.kernel_approximation import Nystroem
        from sklearn.metrics.pairwise import rbf_kernel
        from sklearn.neighbors import KNeighborsClassifier
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import FunctionTransformer
        from sklearn.svm import LinearSVC

        x, y = np.asarray(train_x[:IMAGES], np.float32), train_y[:IMAGES]
        first = [PCA(COMPONENTS, random_state=0)] if x.shape[1] > COMPONENTS else []
        if name == "knn":
            model = make_pipeline(*first, KNeighborsClassifier(NEIGHBOURS, algorithm="brute", n_jobs=1))
        else:
            width = 1 / (x.shape[1] * x.var())  # scikit-learn's "scale" of a kernel
            kernels = Nystroem(gamma=width, n_components=min(LANDMARKS, len(x)), random_state=0)
            model = make_pipeline(*first, kernels, LinearSVC(C=10.0, random_state=0))
        model.fit(x, y)
        if name == "svc":  # what whitens the kernels is put into the weights, or labelling would spend its time on it
            machine = model[-1]
            machine.coef_ = (machine.coef_ @ kernels.normalization_).astype(np.float32)
            of_landmarks = partial(rbf_kernel, Y=kernels.components_, gamma=width)
            model = make_pipeline(*first, FunctionTransformer(of_landmarks), machine)
        return cls(model, np.asarray(model.classes_))

    def label(self, images: Array) -> Labels:
        """Return the class of each image, ``(..., feature)`` → ``(...,)``."""
        flat = np.asarray(images, np.float32).reshape(-1, images.shape[-1])
        return self.model.predict(flat).reshape(images.shape[:-1])
