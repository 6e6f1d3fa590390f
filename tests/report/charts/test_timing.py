"""The figure of the benchmarks: drawn from whatever there is."""

from __future__ import annotations

import re

import pytest

from study.report.charts import drawing
from study.report.charts.timing import figures


@pytest.mark.parametrize("kinds", [{"training"}, {"growth"}, {"training", "mixture", "growth"}])
def test_every_part_is_drawn_without_the_others(tmp_path, planted_benchmarks, write_benchmarks, kinds):
    for backend in ("jax", "tensorflow", "torch"):
        chosen = [one for one in planted_benchmarks(backend) if one["extra_info"]["kind"] in kinds]
        write_benchmarks(tmp_path, backend, chosen)
    (figure,) = figures(tmp_path)
    found = drawing.svg(figure.spec)
    assert figure.name == "speed"
    assert ("times as fast as the peer" in found) == ("training" in kinds)
    assert ("share of the floor" in found) == ("training" in kinds)
    assert ("Time of an epoch" in found) == ("growth" in kinds)
    assert "torch" in found


def test_the_title_counts_where_we_are_faster(tmp_path, planted_benchmarks, write_benchmarks):
    write_benchmarks(tmp_path, "jax", planted_benchmarks("jax"))
    (figure,) = figures(tmp_path)
    # Two workers against one are no comparison with another library.
    assert figure.title == "Faster than other libraries in 6 of 6 comparisons"
    assert "30 times as fast as scikit-learn" in figure.alt.replace("30.0", "30")


def test_ratios_are_named_between_the_least_and_the_most(tmp_path, planted_benchmarks, write_benchmarks):
    """All ticks of the list that lie between them: the planted ratios go from 1.9 to 32."""
    write_benchmarks(tmp_path, "jax", planted_benchmarks("jax"))
    (figure,) = figures(tmp_path)
    found = drawing.svg(figure.spec)
    axis = found[: found.index("times as fast as the peer")]
    assert re.findall(r">(\d+)</text>", axis) == ["2", "5", "10", "20"]


def test_nothing_recorded_draws_nothing(tmp_path):
    assert figures(tmp_path) == []
