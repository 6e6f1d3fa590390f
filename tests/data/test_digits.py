"""The digits, on board: one fixed stratified split."""

from __future__ import annotations

import numpy as np
import pytest

from study.data import digits
from study.data.loading import load
from study.errors import DataUnavailable


def test_split_is_the_one_the_study_was_run_on() -> None:
    data = load("digits")
    assert data.digest == "7c279f7d2ba7262fc4a4dbda09d2030f0057f42426799e6f363c60cc446cbc4f"
    assert data.train_x.shape == (1437, 64)
    assert data.heldout_x.shape == (360, 64)
    assert data.image_shape == (8, 8)
    assert (data.train_x.min(), data.train_x.max()) == (0.0, 1.0)


def test_split_is_stratified_and_covers_every_image_once() -> None:
    from sklearn.datasets import load_digits

    data, original = load("digits"), load_digits()
    share = np.bincount(original.target) * 360 / 1797
    assert (np.abs(np.bincount(data.heldout_y) - share) <= 1).all()
    both = np.concatenate([data.train_x, data.heldout_x]) * 16
    assert np.array_equal(np.sort(both, axis=0), np.sort(original.data, axis=0))
    assert not {x.tobytes() for x in data.train_x} & {x.tobytes() for x in data.heldout_x}


def test_other_images_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digits, "DIGEST", "0" * 64)
    with pytest.raises(DataUnavailable, match=r"load_digits\(\).images .*expected SHA-256 0{64}, received 5bc7f24e"):
        digits.read()
