"""One panel: where its marks stand."""

from __future__ import annotations

import math
from dataclasses import replace

import altair as alt
import pytest

from study.report.charts import drawing
from study.report.charts.panel import draw
from study.report.charts.rows import Dot, panels, rank
from study.report.charts.rows import names as called_of
from study.report.charts.style import looks, specification


@pytest.fixture
def spec():
    """Draw a panel: its specification."""

    def make(panel, heading="", *, dense=False):
        contexts = {dot.context for line in panel.lines for dot in line.dots}
        called = called_of(sorted(contexts, key=rank))
        chart = draw(panel, heading, called, looks(list(called.values())), dense=dense)
        return specification(alt.vconcat(chart), "")

    return make


def tables(found, *columns):
    """The rows of the tables that have such columns."""
    return [row for table in found for row in table if table and set(columns) <= set(table[0])]


@pytest.mark.parametrize("dense", [False, True])
def test_every_vae_stands_at_its_value_within_its_line(plant, spec, drawn, values, dense):
    (_, panel) = panels([plant()], "digits")
    made = spec(panel, dense=dense)
    height = values(made, "height")[0]
    dots = tables(drawn(made), "replica")
    assert sorted(float(dot["x"]) for dot in dots) == pytest.approx(
        sorted((dot.low + dot.high) / 2 for line in panel.lines for dot in line.dots), abs=0.01
    )
    rules = tables(drawn(made), "what")
    assert {float(rule["x"]) for rule in rules if rule["what"] == "threshold"} == {0.5}
    assert {float(rule["x"]) for rule in rules if rule["what"] == "no effect"} == {0.0}
    lines = sorted({(float(rule["y"]), float(rule["y2"])) for rule in rules})
    assert [low for low, _ in lines] == [0.0, *(high for _, high in lines[:-1])]
    assert lines[-1][1] == pytest.approx(height, abs=0.6)
    for dot in dots:
        assert sum(low < float(dot["y"]) < high for low, high in lines) == 1


def test_contexts_keep_to_lanes_that_do_not_overlap(plant, spec, drawn):
    (single, _) = panels([plant()], "digits")
    dots = tables(drawn(spec(single)), "replica")
    lanes = [[float(dot["y"]) for dot in dots if dot["c"] == context] for context in ("0", "1")]
    assert max(lanes[0]) < min(lanes[1])


def test_an_interval_is_its_rows_and_lies_below_the_dots(plant, spec, drawn):
    (single, _) = panels([plant()], "digits")
    found = drawn(spec(single))
    (bar,) = tables(found, "median")
    assert (float(bar["x1"]), float(bar["x"]), float(bar["x2"])) == (0.6, 0.7, 0.8)
    assert float(bar["y"]) > max(float(dot["y"]) for dot in tables(found, "replica"))


def test_a_bracket_is_drawn_from_end_to_end(plant, spec, drawn):
    (_, panel) = panels([plant()], "digits")
    ends = [(float(dot["x1"]), float(dot["x2"])) for dot in tables(drawn(spec(panel)), "x1", "replica") if dot["x1"]]
    assert len(ends) == 15
    assert all(high - low == pytest.approx(0.01, abs=0.005) for low, high in ends)


def test_what_is_infinite_stands_at_the_edge(plant, spec, drawn, values):
    (single, _) = panels([plant()], "digits")
    line = single.lines[0]
    far = replace(
        single, lines=[replace(line, dots=[*line.dots, Dot(-math.inf, -math.inf, line.dots[0].context, "jax", 9)])]
    )
    made = spec(far)
    (low, _) = next(x["scale"]["domain"] for x in values(made, "x") if isinstance(x, dict) and "scale" in x)
    (edge,) = (dot for dot in tables(drawn(made), "replica") if dot["replica"] == "9")
    assert float(edge["x"]) == pytest.approx(low, abs=0.01)


@pytest.mark.parametrize("backends", [("jax",), ("jax", "torch")])
def test_of_several_backends_each_interval_says_whose_it_is(plant, spec, values, backends):
    (single, _) = panels([plant(backend) for backend in backends], "digits")
    texts = [one for one in values(spec(single), "text") if isinstance(one, dict) and one.get("field") == "backend"]
    assert bool(texts) == (len(backends) > 1)


@pytest.mark.parametrize(
    ("ends", "side"), [((0.6, 0.8), "right"), ((0.6, 2.0), "left"), ((0.0, 2.0), "within"), ((0.0, 0.8), "right")]
)
def test_the_name_of_a_backend_stands_where_there_is_room(plant, spec, drawn, ends, side):
    """Right of its interval, or left of it; within where it goes from end to end, so that no label is written over."""
    (single, _) = panels([plant(backend) for backend in ("jax", "torch")], "digits")
    low, high = ends
    line = replace(single.lines[0], bars=[replace(row, low=low, high=high) for row in single.lines[0].bars])
    dots = [Dot(end, end, line.dots[0].context, "jax", 9) for end in (0.0, 2.0)]
    bars = tables(drawn(spec(replace(single, lines=[replace(line, dots=dots)]))), "median")
    assert {bar["side"] for bar in bars} == {side}


def test_the_dense_form_says_the_same_in_fewer_words(plant, spec, values):
    (_, panel) = panels([plant()], "digits")
    roomy, dense = (values(spec(panel, dense=one), "labelExpr")[0] for one in (False, True))
    assert "KL weight 1, 16 latents" in roomy
    assert "\\u2714 14 of 16 reach" in roomy
    assert "16 latents  \\u2714 14 of 16" in dense
    assert values(spec(panel, dense=True), "height")[0] < values(spec(panel), "height")[0]


@pytest.mark.parametrize("hostile", ['"]})//', "</script><b>", "'+alert(1)+'", "a\\", "⟨é⟩", "w" * 200])
def test_words_that_somebody_wrote_stay_words(plant, spec, hostile):
    (single, _) = panels([plant()], "digits")
    panel = replace(single, title=hostile, lines=[replace(single.lines[0], label=hostile)])
    found = drawing.svg(spec(panel, heading=hostile))
    assert "<b>" not in found
    assert "<script" not in found
    escaped = hostile.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert escaped[:9] in found.replace("&quot;", '"').replace("&#39;", "'")
