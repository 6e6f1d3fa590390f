"""What all rooms share: array types, and the closed lists of data sets and of what is done to pixels."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Float32 = NDArray[np.float32]
Labels = NDArray[np.int64]
Arrays = dict[str, NDArray[Any]]
Weights = dict[str, Float32]
"""Weights by path, e.g. ``encoder_0/kernel``; the replica axis comes first."""

Field = None | int | float | str | tuple[float, ...]
"""What a field of a config may hold."""

FEATURES = {"digits": 64, "mnist": 784, "fashion_mnist": 784}
"""Data sets, and the pixels of an image."""
DATA_SETS = tuple(FEATURES)
TRAINING = {"digits": 1_437, "mnist": 60_000, "fashion_mnist": 60_000}
"""Data sets, and all their training images."""
PIXELS = ("grey", "binarised", "redrawn")
"""Grey values; binarised once; binarised afresh every epoch while training (measured on the one fixed draw)."""


def is_finite(value: object) -> bool:
    """Say whether something is a finite number, as a float holds it, and no truth value."""
    try:
        return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # an integer that no float holds
        return False
