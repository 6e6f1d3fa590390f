"""Fixtures of the data tests."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from study.data.dataset import Dataset
from study.data.idx import FILES, VARIABLE
from study.data.loading import load


@pytest.fixture
def load_or_skip() -> Callable[..., Dataset]:
    """Load a data set; skip only where nobody promised it: with CI or STUDY_DATA set, a missing one fails."""

    def load_(name: str, **options: int) -> Dataset:
        if not (os.environ.get(VARIABLE) or os.environ.get("CI")):
            pytest.skip(f"{VARIABLE} is not set, and without CI no test downloads {name}")
        return load(name, **options)

    return load_


@pytest.fixture
def write_idx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[np.ndarray]]:
    """Write a tiny data set of random images under STUDY_DATA, plain or gzipped, and return its four arrays."""

    def write(folder: str, *, zipped: bool) -> list[np.ndarray]:
        monkeypatch.setenv(VARIABLE, str(tmp_path))
        (tmp_path / folder).mkdir()
        rng = np.random.default_rng(7)
        arrays = []
        for file, size in zip(FILES, (60, 60, 30, 30), strict=True):
            array = rng.integers(0, 256, (size, 4, 3)) if "images" in file else np.arange(size) % 10
            arrays.append(array.astype(np.uint8))
            header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
            content = header + arrays[-1].tobytes()
            path = tmp_path / folder / (file + ".gz" * zipped)
            path.write_bytes(gzip.compress(content) if zipped else content)
        return arrays

    return write
