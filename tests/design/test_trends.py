"""Trends: planted slopes, and brackets against every corner of the box."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from study.design.trends import bracketed_fall, bracketed_relative_fall
from study.errors import InvalidValue

levels = st.lists(st.integers(1, 512), min_size=2, max_size=5, unique=True)
numbers = st.floats(-50, 50)


def fall_per_doubling(levels, values):
    """The fall of exact values: both ends are the same."""
    least, greatest = bracketed_fall(levels, values, values)
    assert np.array_equal(least, greatest)
    return least


def fall_per_step(levels, values):
    return bracketed_fall(levels, values, values, log2=False)[0]


@given(levels, numbers, arrays(float, 3, elements=numbers))
def test_planted_falls_are_found(levels, fall, offsets):
    """An exact line falls by its own slope; each replica has its own, whatever its siblings do."""
    slopes = fall * np.array([1.0, -1.0, 0.0])
    for find, x in ((fall_per_doubling, np.log2(levels)), (fall_per_step, np.array(levels, float))):
        got = find(levels, offsets - np.outer(x, slopes))
        assert got == pytest.approx(slopes, abs=1e-8 * (1 + 50 / np.ptp(x)))
        assert got[2] == 0  # A constant falls by exactly nothing.


def test_doubling_and_step_differ():
    values = [[3.0], [2.0], [1.0]]
    assert fall_per_doubling([2, 4, 8], values) == pytest.approx([1.0])
    assert fall_per_step([2, 4, 6], values) == pytest.approx([0.5])


@given(levels.flatmap(lambda x: st.tuples(st.just(x), *[arrays(float, (len(x), 2), elements=numbers)] * 2)))
def test_brackets_reach_the_corners_and_no_further(case):
    levels, a, b = case
    low, high = np.minimum(a, b), np.maximum(a, b)
    corners = [
        fall_per_doubling(levels, np.where(np.array(pick)[:, None], high, low))
        for pick in itertools.product([False, True], repeat=len(levels))
    ]
    least, greatest = bracketed_fall(levels, low, high)
    scale = 1e-9 * (1 + 100 / np.ptp(np.log2(levels)))
    assert least == pytest.approx(np.min(corners, axis=0), abs=scale)
    assert greatest == pytest.approx(np.max(corners, axis=0), abs=scale)


@given(levels, st.floats(0.05, 4), arrays(float, 3, elements=st.floats(0.01, 50)), st.booleans())
def test_a_planted_share_is_found_whatever_the_size(levels, factor, scale, log2):
    x = np.log2(levels) if log2 else np.array(levels) / 128
    values = scale * factor ** (x[:, None] - x[0])
    levels = levels if log2 else x
    for end in bracketed_relative_fall(levels, values, values, log2):
        assert end == pytest.approx(np.full(3, 1 - factor), rel=1e-6, abs=1e-6)


@given(levels.flatmap(lambda x: st.tuples(st.just(x), *[arrays(float, (len(x), 2), elements=st.floats(0.01, 50))] * 2)))
def test_brackets_of_a_share_reach_the_corners_and_no_further(case):
    levels, a, b = case
    low, high = np.minimum(a, b), np.maximum(a, b)
    corners = []
    for pick in itertools.product([False, True], repeat=len(levels)):
        values = np.where(np.array(pick)[:, None], high, low)
        corners.append(1 - np.exp(-fall_per_doubling(levels, np.log(values))))
    least, greatest = bracketed_relative_fall(levels, low, high)
    assert least == pytest.approx(np.min(corners, axis=0), rel=1e-6, abs=1e-9)
    assert greatest == pytest.approx(np.max(corners, axis=0), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ([4, 2, -1], [4, 2, 1], (0.5, 1.0)),  # it may have fallen to nothing
        ([4, 2, -1], [4, 2, -0.5], (1.0, 1.0)),  # it has
        ([-1, 2, 1], [4, 2, 1], (-np.inf, 0.5)),  # it may have begun at nothing
        ([-2, 2, 1], [-1, 2, 1], (-np.inf, -np.inf)),
        ([-1, 2, -1], [4, 2, 1], (-np.inf, 1.0)),
        ([-1, 2, -1], [-1, 2, -1], (-np.inf, 1.0)),  # from nothing to nothing: anything is possible
        ([4, -1, 1], [4, 2, 1], (0.5, 0.5)),  # the middle level has no weight
        ([-np.inf, 2, 1], [4, 2, 1], (-np.inf, 0.5)),
        ([4, 2, 1], [np.inf, 2, 1], (0.5, 1.0)),
    ],
)
def test_nothing_is_clipped(low, high, expected):
    """Each level's end that is worst for the word counts; the logarithm of an end at or below zero is −∞."""
    ends = bracketed_relative_fall([2, 4, 8], np.array(low, float)[:, None], np.array(high, float)[:, None])
    assert tuple(float(end[0]) for end in ends) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: fall_per_doubling([4], [[1.0]]), "levels"),
        (lambda: fall_per_doubling([4, 4], [[1.0], [2.0]]), "levels"),
        (lambda: fall_per_doubling([0, 4], [[1.0], [2.0]]), "levels"),
        (lambda: fall_per_step([1, np.inf], [[1.0], [2.0]]), "levels"),
        (lambda: fall_per_step([0, 1], [1.0, 2.0]), "low"),
        (lambda: fall_per_step([0, 1, 2], [[1.0], [2.0]]), "low"),
        (lambda: bracketed_fall([1, 2], [[1.0], [2.0]], [[1.0], [np.nan]]), "high"),
        (lambda: bracketed_fall([1, 2], [[1.0], [2.0]], [[1.0], [np.inf]]), "low, high"),
        (lambda: bracketed_relative_fall([1, 2], [[1.0], [np.nan]], [[1.0], [2.0]]), "low"),
        (lambda: bracketed_fall([1, 2], [[1.0], [2.0]], [[1.0, 1.0], [2.0, 2.0]]), "low, high"),
    ],
)
def test_refusals_name_the_argument(call, argument):
    with pytest.raises(InvalidValue, match=f"^{argument}: expected"):
        call()
