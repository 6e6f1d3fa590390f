"""What the charts share."""

from __future__ import annotations

import csv
import io
import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.report.charts.style import COLOURS, SHAPES, decimals, inline, lines, looks

CELLS = st.one_of(st.text(alphabet=st.characters(exclude_characters="\r\0", exclude_categories=["Cs"])), st.integers())


@given(st.lists(st.fixed_dictionaries({"x": st.integers(), "said": CELLS}), min_size=1))
def test_inlined_data_come_back(rows):
    read = list(csv.DictReader(io.StringIO(inline(rows).to_dict()["values"])))
    assert read == [{name: str(value) for name, value in row.items()} for row in rows]


def test_a_cell_that_is_lacking_is_null_and_its_column_a_number():
    found = inline([{"x": 1}, {"x": 2, "x2": 3.5}, {"x": None}]).to_dict()
    assert found["values"] == "x,x2\n1,\n2,3.5\n,\n"
    assert found["format"]["parse"] == {"x": "number", "x2": "number"}


@pytest.mark.parametrize(("span", "expected"), [(530.0, 1), (5.3, 3), (0.0053, 6), (0.0, 4), (math.inf, 4)])
def test_decimals_are_those_that_can_be_seen(span, expected):
    assert decimals(span) == expected


def test_lines_break_where_there_is_no_room():
    assert lines("a wider encoder", 8) == ["a wider", "encoder"]
    assert lines("", 8) == [""]


def test_neighbours_differ_in_colour_and_in_shape():
    for scale, looked in zip(looks([str(i) for i in range(20)]), (COLOURS, SHAPES), strict=True):
        found = scale.to_dict()["range"]
        assert len(found) == 20
        assert all(a != b for a, b in itertools.pairwise(found))
        assert set(found) == set(looked)
