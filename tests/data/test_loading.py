"""``load``: names, subsets, purity; nothing heavy at import."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from study.data.loading import availability, load
from study.errors import InvalidValue
from study.types import DATA_SETS


@pytest.mark.parametrize("name", ["Digits", "", "cifar10", None, ["digits"]])
def test_wrong_names_are_refused_with_the_right_ones(name: object) -> None:
    with pytest.raises(InvalidValue, match=r"^name: expected one of 'digits', 'mnist', 'fashion_mnist', received"):
        load(name)  # type: ignore[arg-type]


@pytest.mark.parametrize("images", [0, 19, -1, 100.0, True, "100"])
def test_wrong_numbers_of_images_are_refused(images: object) -> None:
    with pytest.raises(InvalidValue, match=r"^images: expected None, or an integer ≥ 20"):
        load("digits", images=images)  # type: ignore[arg-type]


def test_more_images_than_there_are_is_refused() -> None:
    with pytest.raises(InvalidValue, match="at most the 1437 training images of 'digits', received 1438"):
        load("digits", images=1438)


@pytest.mark.parametrize(("images", "heldout"), [(20, 20), (99, 25), (100, 25), (1436, 359), (1437, 360)])
def test_subsets_are_stratified_with_a_quarter_held_out(images: int, heldout: int) -> None:
    data = load("digits", images=images)
    assert (len(data.train_y), len(data.heldout_y)) == (images, heldout)
    for labels in (data.train_y, data.heldout_y):
        assert np.ptp(np.bincount(labels, minlength=10)) <= max(2, 0.06 * len(labels) / 10 + 2)


def test_smaller_subsets_lie_within_larger_ones_and_all_is_all() -> None:
    small, large, whole = ({x.tobytes() for x in load("digits", images=n).train_x} for n in (100, 400, None))
    assert small < large < whole
    assert load("digits", images=1437).digest == load("digits").digest


def test_load_is_cached_and_its_arrays_are_shared_read_only() -> None:
    data = load("digits")
    assert load("digits") is data
    for array in (data.train_x, data.train_y, data.heldout_x, data.heldout_y):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_availability_has_every_name_once() -> None:
    rows = availability()
    assert [name for name, _, _ in rows] == list(DATA_SETS)
    assert rows[0] == ("digits", True, "scikit-learn")
    assert all(isinstance(reachable, bool) and where for _, reachable, where in rows)


def test_importing_loads_nothing_heavy() -> None:
    heavy = "{'scipy', 'sklearn', 'keras', 'jax', 'torch', 'tensorflow'}"
    modules = "study.data, study.data.linear_gaussian, study.data.uniform_quilt"
    code = (
        f"import sys, {modules}; sys.exit(str(sorted({heavy} & set(sys.modules))) if {heavy} & set(sys.modules) else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
