"""Grey, binarised, redrawn."""

from __future__ import annotations

import numpy as np
import pytest

from study.data.loading import load
from study.data.treatment import binarise, pixels
from study.errors import InvalidValue


def test_grey_is_left_alone() -> None:
    x = load("digits").heldout_x
    assert pixels(x, "grey", 0) is x


def test_binarised_is_one_fixed_draw_and_redrawn_is_measured_on_it() -> None:
    x = load("digits").heldout_x
    draw = pixels(x, "binarised", "heldout")
    assert draw.dtype == np.float32
    assert set(np.unique(draw)) == {0.0, 1.0}
    assert np.array_equal(draw, pixels(x, "redrawn", "heldout"))
    assert not np.array_equal(draw, pixels(x, "binarised", "train"))


def test_binarising_keeps_the_mean_of_each_grey_value() -> None:
    """Seventeen proportions within 5 standard errors: a false alarm in 1 of 100,000, seed fixed."""
    n, grey = 20_000, np.arange(17) / 16
    draw = binarise(np.tile(grey, (n, 1)), np.random.default_rng(3))
    assert (np.abs(draw.mean(axis=0) - grey) <= 5 * np.sqrt(grey * (1 - grey) / n)).all()  # 0 and 1 exactly


def test_each_redraw_is_new() -> None:
    rng = np.random.default_rng(4)
    x = np.full((5, 8), 0.5)
    assert not np.array_equal(binarise(x, rng), binarise(x, rng))


@pytest.mark.parametrize("treatment", ["grey", "binarised", "redrawn"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -0.01, 255.0])
def test_values_that_are_no_grey_are_refused(treatment: str, value: float) -> None:
    with pytest.raises(InvalidValue, match=r"^x: expected finite values in"):
        pixels(np.array([[0.5, value]]), treatment, 0)


def test_wrong_treatment_is_refused_with_the_right_ones() -> None:
    with pytest.raises(
        InvalidValue, match=r"^treatment: expected one of 'grey', 'binarised', 'redrawn', received 'gray'"
    ):
        pixels(np.zeros((1, 1)), "gray", 0)
