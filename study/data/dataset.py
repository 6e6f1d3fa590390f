"""A data set holds two splits of images in [0, 1] with labels, read-only and fingerprinted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from study.errors import DataUnavailable, InvalidValue


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images of a training and a held-out split; the arrays are read-only.

    Attributes:
        name: Name of the data set.
        train_x: Training images ``(n, feature)``, float32 in [0, 1].
        train_y: Their classes ``(n,)``, int64 from 0.
        heldout_x: Held-out images ``(m, feature)``, float32 in [0, 1].
        heldout_y: Their classes ``(m,)``, int64 from 0.
        image_shape: Height and width; their product is ``feature``.
    """

    name: str
    train_x: NDArray[np.float32]
    train_y: NDArray[np.int64]
    heldout_x: NDArray[np.float32]
    heldout_y: NDArray[np.int64]
    image_shape: tuple[int, int]

    def __post_init__(self) -> None:
        """Refuse arrays that are no images or labels, and make the others read-only."""
        for split in ("train", "heldout"):
            x, y = getattr(self, f"{split}_x"), getattr(self, f"{split}_y")
            check_images(f"{split}_x", x)
            if x.dtype != np.float32 or x.shape[1] != self.image_shape[0] * self.image_shape[1]:
                received = f"{x.dtype} of shape {x.shape}"
                raise InvalidValue(f"{split}_x", received, f"float32 images of {self.image_shape} pixels")
            if y.dtype != np.int64 or y.shape != x.shape[:1] or y.min() < 0:
                received = f"{y.dtype} of shape {y.shape}, least {y.min(initial=0)}"
                raise InvalidValue(f"{split}_y", received, f"int64 labels ≥ 0 of shape {x.shape[:1]}")
            for name, array in ((f"{split}_x", x), (f"{split}_y", y)):
                locked = array.view()  # a view, so that the caller's own array stays as writable as it was
                locked.flags.writeable = False
                object.__setattr__(self, name, locked)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the four arrays, their types and shapes, in hexadecimal."""
        return digest(self.train_x, self.train_y, self.heldout_x, self.heldout_y)


class Raw(NamedTuple):
    """A data set as it is distributed: grey levels ``(n, height, width)`` and labels ``(n,)``, both uint8."""

    train_x: NDArray[np.uint8]
    train_y: NDArray[np.uint8]
    heldout_x: NDArray[np.uint8]
    heldout_y: NDArray[np.uint8]


def check_images(argument: str, x: NDArray[Any]) -> None:
    """Refuse anything but a non-empty ``(n, feature)`` array of finite values in [0, 1].

    Raises:
        InvalidValue: Naming the argument.
    """
    if x.ndim != 2 or x.size == 0:
        raise InvalidValue(argument, f"shape {x.shape}", "a non-empty array (n, feature)")
    low, high = x.min(), x.max()  # NaN spreads into both, and then the comparison is false
    if not (low >= 0 and high <= 1):
        raise InvalidValue(argument, f"values from {low} to {high}", "finite values in [0, 1]")


def digest(*arrays: NDArray[Any]) -> str:
    """Return the SHA-256 of arrays: of their types (little-endian), shapes and values, in hexadecimal."""
    sha = hashlib.sha256()
    for array in arrays:
        fixed = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        sha.update(f"{fixed.dtype.str}{fixed.shape}".encode())
        sha.update(fixed.data)
    return sha.hexdigest()


def verify(place: object, array: NDArray[Any], expected: str) -> None:
    """Refuse an array that is not the one the study was designed on.

    Args:
        place: Where the array was read, e.g. the path of its file.
        array: What was read.
        expected: Its :func:`digest`.

    Raises:
        DataUnavailable: Naming the place, the digest received and the one expected.
    """
    received = digest(array)
    if received != expected:
        raise DataUnavailable(
            f"{place} is damaged or another edition: expected SHA-256 {expected}, received {received}. "
            "Replace it with the original."
        )


def stratified_order(labels: NDArray[Any], rng: np.random.Generator) -> NDArray[np.intp]:
    """Order samples at random so that *every* prefix is stratified.

    A class of n samples takes the places (r + ½)/n, 0 ≤ r < n, of the unit interval, so the first m
    of N samples hold m·n/N of it, ± (1 + classes·n/N)/2; and smaller subsets lie within larger ones.

    Args:
        labels: Class of each sample ``(n,)``.
        rng: Orders the samples of a class. Only ``random`` is drawn, the stream least likely to change.

    Returns:
        A permutation of the indices ``(n,)``.
    """
    chance = rng.random(labels.size)
    by_class = np.lexsort((chance, labels))
    _, start, count = np.unique(labels[by_class], return_index=True, return_counts=True)
    place = (np.arange(labels.size) - np.repeat(start, count) + 0.5) / np.repeat(count, count)
    order: NDArray[np.intp] = by_class[np.lexsort((chance[by_class], place))]
    return order
