"""Data sets in the IDX format, from the folder STUDY_DATA or from ``keras.datasets``."""

from __future__ import annotations

import gzip
import math
import os
import zlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from study.data.dataset import Raw, verify
from study.errors import DataUnavailable

VARIABLE = "STUDY_DATA"
AXES, BYTES = 3, 2**28
"""Greatest number of axes, and of bytes, that an array may have: a header that says more is a damaged one."""
FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
"""The four files, in the order of :class:`~study.data.dataset.Raw`."""


@dataclass(frozen=True)
class Source:
    """A source names the places of a data set, and the digests that identify it.

    Attributes:
        name: Name of the data set, and of its module in ``keras.datasets``.
        folders: Names that its folder in STUDY_DATA may have.
        keras_files: What ``keras.datasets`` keeps in its cache.
        digests: :func:`~study.data.dataset.digest` of the array in each of :data:`FILES`.
    """

    name: str
    folders: tuple[str, ...]
    keras_files: tuple[str, ...]
    digests: tuple[str, str, str, str]

    def read(self, root: str | None = None) -> Raw:
        """Read and verify the four arrays.

        A folder, once named, is the only place looked at: a misspelt one must not start a download.

        Args:
            root: The folder of data sets; None for that of STUDY_DATA, or where that is not set ``keras.datasets``.

        Raises:
            DataUnavailable: Saying what was looked for and what to do, or which file is damaged.
        """
        root = root or folder()
        if root is None:
            places, arrays = self._from_keras()
        else:
            try:
                paths = self._paths(root)
            except OSError as error:  # a path that the system does not take
                paths = f"{VARIABLE}={root!r}: {error}"
            if isinstance(paths, str):
                raise DataUnavailable(f"Data set {self.name!r} cannot be reached: {paths}. {self._advice}")
            places, arrays = tuple(map(str, paths)), tuple(map(read_idx, paths))
        for place, array, expected in zip(places, arrays, self.digests, strict=True):
            verify(place, array, expected)
        return Raw(*arrays)

    def reachable(self) -> tuple[bool, str]:
        """Say whether the data set can be reached offline, and where (or why not)."""
        try:
            return self._reachable()
        except OSError as error:  # a path that the system does not take
            return False, str(error)

    def _reachable(self) -> tuple[bool, str]:
        if (named := folder()) is not None:
            paths = self._paths(named)
            return (False, paths) if isinstance(paths, str) else (True, str(paths[0].parent))
        cache = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "datasets"
        if not find_spec("keras"):
            return False, f"{VARIABLE} is not set, and Keras is not installed"
        if all((cache / file).is_file() for file in self.keras_files):
            return True, str(cache)
        return False, f"{VARIABLE} is not set; Keras would download it"

    def _paths(self, named: str) -> list[Path] | str:
        """Return the four files in a folder of data sets, or say what is missing."""
        root = Path(named)
        place = next((root / name for name in self.folders if (root / name).is_dir()), None)
        if place is None:
            return f"{VARIABLE}={str(root)!r} has no folder {' or '.join(map(repr, self.folders))}"
        paths = [next((p for p in (place / f, place / f"{f}.gz") if p.is_file()), place / f) for f in FILES]
        missing = [path.name for path in paths if not path.is_file()]
        return f"{VARIABLE}={str(root)!r}: {place} has no {', '.join(missing)} (plain or .gz)" if missing else paths

    def _from_keras(self) -> tuple[tuple[str, ...], tuple[NDArray[np.uint8], ...]]:
        try:
            # Imported only here: Keras loads a whole deep-learning framework with it.
            from keras import datasets

            module = getattr(datasets, self.name)
            (train_x, train_y), (heldout_x, heldout_y) = module.load_data()
        except Exception as error:  # Keras raises plain Exception when a download fails
            raise DataUnavailable(
                f"Data set {self.name!r} cannot be reached: {VARIABLE} is not set, and keras.datasets failed "
                f"({type(error).__name__}: {error}). {self._advice}"
            ) from error
        splits = ("train images", "train labels", "held-out images", "held-out labels")
        return tuple(f"keras.datasets.{self.name} ({s})" for s in splits), (train_x, train_y, heldout_x, heldout_y)

    @property
    def _advice(self) -> str:
        return (
            f"Set {VARIABLE} to a folder in which {self.folders[0]}/ holds {', '.join(FILES)} (plain or .gz); "
            f"or unset it, and have Keras and a network, to download it."
        )


def folder() -> str | None:
    """Return the value of STUDY_DATA, None when unset or empty."""
    return os.environ.get(VARIABLE) or None


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Read an array of unsigned bytes in the IDX format.

    Args:
        path: The file, gzipped when its name ends in ``.gz``.

    Returns:
        The array, of the shape that the header says, read-only.

    Raises:
        DataUnavailable: Naming the file, and what is wrong with it.

    Source:
        LeCun, Cortes & Burges, The MNIST database of handwritten digits, file formats.
    """
    try:
        # The header first: what it announces bounds what is read, however far the file would unpack.
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            head = file.read(4)
            axes = file.read(4 * head[3]) if len(head) == 4 and head[3] <= AXES else b""
            shape = tuple(np.frombuffer(axes, ">u4").tolist()) if len(axes) % 4 == 0 else ()
            size = math.prod(shape)
            content = file.read(size + 1) if 0 < size <= BYTES else b""
    except (OSError, EOFError, zlib.error) as error:
        raise DataUnavailable(f"{path} cannot be read ({error}). Replace it with the original.") from error
    if head[:3] != b"\0\0\x08" or not shape or len(shape) != head[3] or not size == len(content) <= BYTES:
        raise DataUnavailable(
            f"{path} is damaged: expected an IDX header (bytes 0 0 8, the number of axes, their lengths) and as many "
            f"bytes as it announces, {BYTES:,} at most, received {head!r}, axes {shape} and {len(content)} bytes or "
            "more. Replace it with the original."
        )
    return np.frombuffer(content, np.uint8).reshape(shape)
