"""The figure of a specification curve: estimates in order, the threshold, and every choice beneath."""

from __future__ import annotations

import altair as alt

from study.evidence.specifications import FILE
from study.evidence.store import Store
from study.report.charts import drawing
from study.report.charts.specifications import figures


def test_nothing_recorded_draws_nothing(tmp_path):
    assert figures(Store(tmp_path)) == []


def test_one_figure_a_claim_says_how_many_agree(tmp_path, specify):
    (figure,) = figures(Store(specify(tmp_path)))
    assert (figure.name, figure.claim) == ("specifications-aggregate_close_to_prior", "aggregate_close_to_prior")
    assert figure.title.endswith(": 2 of 4 and 2 of 4 specifications agree, or reach the threshold")
    assert "Medians from 0.0100 to 0.0600 against a threshold of 0.0200." in figure.alt
    assert "93 %" in figure.caption
    alt.Chart.from_dict(dict(figure.spec))  # raises where it is no Vega-Lite
    svg = drawing.svg(figure.spec)
    assert svg == drawing.svg(figure.spec)
    for said in ("nats", "training × ½", "KL weight 0.5", "tanh", "falls short of it"):
        assert said in svg
    assert "all the images" not in svg  # nothing else was chosen


def test_columns_are_in_order_and_each_makes_every_choice_once(tmp_path, specify, drawn):
    (figure,) = figures(Store(specify(tmp_path)))
    estimates = [table for table in drawn(figure.spec) if "own" in table[0]]
    choices = [table for table in drawn(figure.spec) if "line" in table[0]]
    # Equal tables are held once: both rows have the same specifications, and neither has a word.
    assert len(estimates) == len(choices) == 1
    middle = [float(row["y"]) for row in estimates[0]]
    assert middle == sorted(middle)
    assert len(choices[0]) == 5 * 3
    assert [row["own"] for row in estimates[0]] == ["0", "0", "0", "0", "1"]


def test_levels_stand_in_the_order_of_their_numbers(tmp_path, specify, values):
    (figure,) = figures(Store(specify(tmp_path)))
    (domain,) = {tuple(one) for one in values(figure.spec, "domain") if isinstance(one, list) and "relu" in one}
    assert [line.strip() for line in domain if line.strip()] == [
        "KL weight 0.5", "KL weight 1", "relu", "tanh", "training × ½", "training × 1", "training × 2",
    ]  # fmt: skip


def test_what_is_infinite_stands_at_the_edge(tmp_path, specify, drawn):
    path = specify(tmp_path) / FILE
    path.write_text(path.read_text(encoding="utf-8").replace('"low": 0.05,', '"low": "-inf",'), encoding="utf-8")
    (figure,) = figures(Store(tmp_path))
    assert "inf" not in str(drawn(figure.spec))
    assert drawing.svg(figure.spec).startswith("<svg")
