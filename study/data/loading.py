"""Load a data set by name, whole or as a stratified subset."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from study import seeds
from study.data import digits, fashion_mnist, idx, mnist
from study.data.dataset import Dataset, stratified_order
from study.errors import InvalidValue
from study.types import DATA_SETS

LEAST_IMAGES = 20
"""The smallest subset, of either split."""
_MODULES = {"digits": digits, "mnist": mnist, "fashion_mnist": fashion_mnist}


def load(name: str, *, images: int | None = None, folder: str | None = None) -> Dataset:
    """Load a data set.

    Pure: the split and the subset are fixed, the arrays are verified, so where they were found makes no
    difference. Cached per process; the arrays are read-only because they are shared.

    Args:
        name: One of :data:`study.types.DATA_SETS`.
        images: Training images, a stratified subset; then a quarter as many held-out ones (rounded up, at least
            20, at most all there are). Smaller subsets lie within larger ones. None for all of both splits.
        folder: Folder of the IDX files; None for the environment variable STUDY_DATA, or else Keras' own copies.

    Returns:
        The data set, in its official order.

    Raises:
        InvalidValue: For an unknown name, or a number of images that the data set cannot give.
        DataUnavailable: When the data set cannot be reached, or is damaged.
    """
    if name not in DATA_SETS:
        raise InvalidValue("name", name, "one of " + ", ".join(map(repr, DATA_SETS)))
    if images is not None and (not isinstance(images, int) or isinstance(images, bool) or images < LEAST_IMAGES):
        raise InvalidValue("images", images, f"None, or an integer ≥ {LEAST_IMAGES}")
    return _load(name, images, folder or idx.folder())


def availability() -> list[tuple[str, bool, str]]:
    """Say which data sets can be reached, without opening or downloading any.

    Returns:
        For each data set its name, whether it can be reached offline, and where (or why not).
    """
    return [(name, *_MODULES[name].reachable()) for name in DATA_SETS]


@lru_cache(maxsize=4)
def _load(name: str, images: int | None, folder: str | None) -> Dataset:
    """Read and cut."""
    module = _MODULES[name]
    raw = module.read(folder)
    available = len(raw.train_y)
    if images is not None and images > available:
        raise InvalidValue("images", images, f"at most the {available} training images of {name!r}")
    quarter = None if images is None else min(len(raw.heldout_y), max(LEAST_IMAGES, math.ceil(images / 4)))
    train, heldout = _subset(name, "train", raw.train_y, images), _subset(name, "heldout", raw.heldout_y, quarter)
    white = np.float32(module.GREY_LEVELS - 1)
    return Dataset(
        name=name,
        train_x=raw.train_x[train].reshape(len(train), -1) / white,
        train_y=raw.train_y[train].astype(np.int64),
        heldout_x=raw.heldout_x[heldout].reshape(len(heldout), -1) / white,
        heldout_y=raw.heldout_y[heldout].astype(np.int64),
        image_shape=(raw.train_x.shape[1], raw.train_x.shape[2]),
    )


def _subset(name: str, split: str, labels: NDArray[np.uint8], count: int | None) -> NDArray[np.intp]:
    order = stratified_order(labels, seeds.generator(name, split, "subset", root="data"))
    return np.sort(order[:count])
