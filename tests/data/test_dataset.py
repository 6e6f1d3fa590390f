"""Data sets refuse what is no image, fingerprint what they hold, and are cut in proportion."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.data.dataset import Dataset, digest, stratified_order, verify
from study.errors import DataUnavailable, InvalidValue


def dataset(**changes: object) -> Dataset:
    x, y = np.full((3, 4), 0.5, np.float32), np.arange(3)
    return Dataset(
        **{"name": "d", "train_x": x, "train_y": y, "heldout_x": x, "heldout_y": y, "image_shape": (2, 2)} | changes
    )


def image(value: float) -> np.ndarray:
    return np.array([[0.5, 0.5, 0.5, value]] * 3, np.float32)


@pytest.mark.parametrize("split", ["train", "heldout"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -0.1, 1.1])
def test_pixels_outside_the_unit_interval_are_refused(split: str, value: float) -> None:
    with pytest.raises(InvalidValue, match=f"{split}_x: expected finite values"):
        dataset(**{f"{split}_x": image(value)})


@pytest.mark.parametrize(
    ("change", "argument"),
    [
        ({"train_x": np.full((3, 4), 0.5)}, "train_x"),
        ({"train_x": np.full((3, 5), 0.5, np.float32)}, "train_x"),
        ({"heldout_x": np.empty((0, 4), np.float32)}, "heldout_x"),
        ({"train_y": np.arange(2)}, "train_y"),
        ({"train_y": np.arange(3) - 1}, "train_y"),
        ({"heldout_y": np.arange(3.0)}, "heldout_y"),
    ],
)
def test_wrong_shapes_and_types_are_refused(change: dict[str, np.ndarray], argument: str) -> None:
    with pytest.raises(InvalidValue, match=f"^{argument}: expected"):
        dataset(**change)


def test_arrays_are_read_only_and_the_callers_own_is_not_touched() -> None:
    x = image(0.5)
    held = dataset(train_x=x)
    with pytest.raises(ValueError, match="read-only"):
        held.train_x[0, 0] = 0
    x[0, 0] = 1.0


def test_digest_tells_values_types_shapes_and_splits_apart() -> None:
    base = dataset()
    assert base.digest == dataset(name="another").digest
    others = [dataset(train_x=image(0.25)), dataset(heldout_x=image(0.25)), dataset(train_y=np.arange(3)[::-1])]
    assert len({base.digest, *(other.digest for other in others)}) == 4
    a = np.arange(6)
    assert len({digest(a), digest(a.reshape(2, 3)), digest(a.astype(np.int32)), digest(a[:3], a[3:])}) == 4
    assert digest(a) == digest(a.astype(">i8")) == digest(np.repeat(a, 2)[::2])


def test_verify_names_place_and_both_digests() -> None:
    good, bad = np.arange(3), np.arange(3) + 1
    verify("here", good, digest(good))
    with pytest.raises(
        DataUnavailable, match=f"here is damaged.*expected SHA-256 {digest(good)}, received {digest(bad)}"
    ):
        verify("here", bad, digest(good))


@given(st.lists(st.integers(0, 4), min_size=1, max_size=80), st.integers(0, 2**32))
def test_every_prefix_is_stratified(labels: list[int], seed: int) -> None:
    y = np.array(labels)
    order = stratified_order(y, np.random.default_rng(seed))
    assert sorted(order) == list(range(len(y)))
    classes, count = np.unique(y, return_counts=True)
    held = np.cumsum(y[order][:, None] == classes, axis=0)
    share = np.arange(1, len(y) + 1)[:, None] * count / len(y)
    assert (np.abs(held - share) <= (1 + len(classes) * count / len(y)) / 2 + 1e-9).all()


def test_the_bound_on_prefixes_can_fail() -> None:
    assert abs(np.sum(np.sort([0] * 40 + [1] * 40)[:40]) - 20) > (1 + 2 * 40 / 80) / 2  # an order by class


def test_the_order_within_a_class_is_random() -> None:
    y = np.repeat([0, 1], 50)
    first, second = (stratified_order(y, np.random.default_rng(s)) for s in (1, 2))
    assert not np.array_equal(first, second)
    assert np.array_equal(first, stratified_order(y, np.random.default_rng(1)))
