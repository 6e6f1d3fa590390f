"""The uniform quilt: class k is encoded evenly on [k, k + 1), and the prior is even on [0, classes).

No q(z | x) is the prior, yet their mixture is, exactly: the first answer's own picture, with ten classes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from study.errors import InvalidValue

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class UniformQuilt:
    """One latent; encoder q(z | class k) = U(k, k + 1), prior U(0, classes), decoder floor(z).

    Attributes:
        classes: Number of classes, C.
    """

    classes: int = 10

    def __post_init__(self) -> None:
        """Refuse a quilt without patches."""
        if not isinstance(self.classes, int) or isinstance(self.classes, bool) or self.classes < 1:
            raise InvalidValue("classes", self.classes, "an integer ≥ 1")

    @property
    def per_sample_kl(self) -> float:
        """KL(q(z | x) ‖ p(z)) of every x: ln C nats."""
        return math.log(self.classes)

    def marginal_kl(self, labels: ArrayLike) -> float:
        """Return KL(q(z) ‖ p(z)) in nats of the mixture over labels ``(n,)``: exactly 0 when they are balanced."""
        counts = np.bincount(self._labels(labels))
        counts = counts[counts > 0]
        ratio = counts * self.classes / counts.sum()  # q/p on each patch, in this order exactly 1 when balanced
        return math.fsum(ratio / self.classes * np.log(ratio))

    def class_shares(self, z: ArrayLike) -> Array:
        """Return the share of each class ``(class,)`` among the decoded codes ``(n,)``."""
        counts = np.bincount(self.decode(z), minlength=self.classes)
        shares: Array = counts / counts.sum()
        return shares

    def balanced_labels(self, repeats: int) -> Labels:
        """Return every class ``repeats`` times, ``(C * repeats,)``."""
        return np.repeat(np.arange(self.classes), repeats)

    def sample_prior(self, count: int, rng: np.random.Generator) -> Array:
        """Draw codes ``(count,)`` from the prior."""
        return self._inside(self.classes * rng.random(count), 0, self.classes)

    def encode(self, labels: ArrayLike, rng: np.random.Generator) -> Array:
        """Draw one code for each label, ``(n,)``."""
        patch = self._labels(labels)
        return self._inside(patch + rng.random(patch.shape), patch, patch + 1)

    def decode(self, z: ArrayLike) -> Labels:
        """Return the class whose patch each code ``(n,)`` lies on."""
        codes = np.asarray(z, np.float64)
        if codes.ndim != 1 or codes.size == 0 or not ((codes >= 0) & (codes < self.classes)).all():
            raise InvalidValue("z", f"shape {codes.shape}", f"codes (n,) in [0, {self.classes})")
        return codes.astype(np.int64)

    def prior_log_density(self, z: ArrayLike) -> Array:
        """Return log p(z) ``(n,)`` in nats, -inf off the quilt."""
        codes = np.asarray(z, np.float64)
        return np.where((codes >= 0) & (codes < self.classes), -math.log(self.classes), -np.inf)

    def posterior_log_density(self, z: ArrayLike, labels: ArrayLike) -> Array:
        """Return log q(z_i | class of label i) ``(n,)`` in nats: 0 on the class's patch, -inf off it."""
        return np.where(np.floor(np.asarray(z, np.float64)) == self._labels(labels), 0.0, -np.inf)

    def aggregate_log_density(self, z: ArrayLike, labels: ArrayLike) -> Array:
        """Return log q(z) ``(n,)`` in nats of the mixture over ``labels`` ``(m,)``."""
        counts = np.bincount(self._labels(labels), minlength=self.classes)
        codes = np.asarray(z, np.float64)
        patch = np.clip(np.floor(codes), -1, self.classes).astype(np.int64)  # off the quilt: -1 or C, padded with none
        with np.errstate(divide="ignore"):
            density: Array = np.log(np.pad(counts / counts.sum(), 1))[patch + 1]
        return density

    def from_gaussian(self, latent: ArrayLike) -> Array:
        """Return C·Φ(latent): a Gaussian latent, prior N(0, 1), as a code with the uniform prior and the same KL."""
        from scipy.special import ndtr

        return self._inside(self.classes * ndtr(np.asarray(latent, np.float64)), 0, self.classes)

    def to_gaussian(self, z: ArrayLike) -> Array:
        """Return the Gaussian latent whose :meth:`from_gaussian` is z; -inf at 0."""
        from scipy.special import ndtri

        latent: Array = ndtri(np.asarray(z, np.float64) / self.classes)
        return latent

    @staticmethod
    def _inside(z: Any, low: Any, high: Any) -> Array:
        """Undo rounding up to the open end of [low, high)."""
        inside: Array = np.minimum(z, np.nextafter(np.float64(high), np.float64(low)))
        return inside

    def _labels(self, labels: ArrayLike) -> Labels:
        array = np.asarray(labels)
        kind = np.issubdtype(array.dtype, np.integer)
        if array.ndim != 1 or array.size == 0 or not kind or array.min() < 0 or array.max() >= self.classes:
            raise InvalidValue(
                "labels", f"{array.dtype} of shape {array.shape}", f"classes (n,), 0 to {self.classes - 1}"
            )
        return array.astype(np.int64)
