"""Precisions: each backend is told before it is imported; an unknown one is refused."""

from __future__ import annotations

import pytest

from study.errors import InvalidValue
from study.runtime.precision import PRECISIONS, checked


@pytest.mark.parametrize("name", PRECISIONS)
def test_known_ones_pass(name):
    assert checked(name) == name


def test_an_unknown_one_is_refused():
    with pytest.raises(InvalidValue, match="precision: expected one of 'float32', 'tf32', received 'float8'"):
        checked("float8")


def test_each_backend_is_told_the_opposite_by_the_other_precision():
    told = [set(environment.values()) for environment in PRECISIONS.values()]
    assert all(told)
    assert told[0].isdisjoint(told[1])
