"""The marginal KL along an axis: what is said of it, and what is drawn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.errors import EvidenceError
from study.evidence.figure_data import MarginalKL
from study.evidence.store import Store
from study.report.charts.capacity import figures, moved, says

RELU, TANH = "activation=relu, decoder_depth=1", "activation=tanh, decoder_depth=1"


def curve(low, high=None, *, axis="encoder_width", context=RELU, floor=None, empirical=None):
    """Figure data of one replica."""

    def column(numbers):
        return tuple((number,) for number in numbers)

    high = low if high is None else high
    return MarginalKL(
        data="digits", context=context, axis=axis, levels=tuple(2**i for i in range(len(low))), low=column(low),
        high=column(high), empirical=column(empirical or high), floor=column(floor or [0.0] * len(low)),
        rate=column(high),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([curve([1.0, 0.8])], -1),
        ([curve([1.0, 0.95])], 0),
        ([curve([1.0, 1.2])], 1),
        ([curve([1.0, 0.8]), curve([1.0, 1.0])], 0),
        ([curve([1.0, 0.8]), curve([1.0, 1.2])], 0),
        ([curve([1.0, 0.6], [1.2, 1.1])], 0),
        ([curve([1.0, 0.2, 5.0])], 1),
    ],
)
def test_it_moves_where_every_context_does_by_a_tenth_beyond_its_bracket(rows, expected):
    assert moved(rows) == expected


@given(st.lists(st.floats(0.01, 10), min_size=2, max_size=5))
def test_the_other_way_round_it_moves_the_other_way(numbers):
    there, back = moved([curve(numbers)]), moved([curve(numbers[::-1])])
    # a fall of a tenth is a rise of a ninth
    assert there * back <= 0
    assert not (there == -1 and back != 1)


def test_titles_are_said_in_words():
    assert says("encoder_width", 0) == "A wider encoder does not bring q(z) closer"
    assert says("latent_dim", 1) == "More latents take q(z) farther"
    assert says("encoder_depth", -1) == "A deeper encoder brings q(z) closer"
    assert says("width", 0) == "Wider networks do not bring q(z) closer"
    assert says("batch_size", 1) == "More batch size takes q(z) farther"


@pytest.mark.parametrize(
    ("rows", "title"),
    [
        ([curve([1.0, 1.0])], "A wider encoder does not bring q(z) closer"),
        (
            [curve([1.0, 1.0]), curve([1.0, 2.0], axis="latent_dim")],
            "More latents take q(z) farther; width and depth bring it no closer",
        ),
        ([curve([1.0, 0.5]), curve([1.0, 2.0], axis="latent_dim")], "More latents take q(z) farther"),
        ([curve([1.0, 0.5]), curve([1.0, 1.0], axis="width")], "A wider encoder brings q(z) closer"),
    ],
)
def test_the_title_says_what_moves(tmp_path, rows, title):
    store = Store(tmp_path)
    store.update_figure_data("quick", "jax", rows)
    (figure,) = figures(store)
    assert figure.title.startswith(title)


def test_lines_show_the_mean_of_the_bracket_and_gaps_stay_gaps(tmp_path, marginal_kl, drawn):
    store = Store(tmp_path)
    store.update_figure_data("quick", "jax", marginal_kl)
    (figure,) = figures(store)
    points = [row for table in drawn(figure.spec) if "low" in table[0] for row in table]
    assert {(float(p["x"]), float(p["low"]), float(p["y"]), float(p["high"])) for p in points if p["x"] in "24"} >= {
        (2.0, 1.0, 2.0, 3.0), (4.0, 2.1, 2.825, 3.55),
    }  # fmt: skip
    assert not any(p["x"] == "8" for p in points)  # a level at which nothing converged


@pytest.mark.parametrize(("empirical", "binds"), [([1.05, 3.0], True), ([3.0, 3.0], False)])
def test_the_floor_is_drawn_where_it_binds(tmp_path, drawn, empirical, binds):
    store = Store(tmp_path)
    store.update_figure_data("quick", "jax", [curve([1.0, 3.0], floor=[1.0, 1.0], empirical=empirical)])
    (figure,) = figures(store)
    floors = [row for table in drawn(figure.spec) if "low" not in table[0] for row in table]
    assert [row["x"] for row in floors] == ["1"] * binds
    assert ("floor" in figure.caption) == binds


def test_only_weight_1_is_shown(tmp_path):
    store = Store(tmp_path)
    store.update_figure_data("quick", "jax", [curve([1.0, 2.0], context="kl_weight=0.5")])
    assert figures(store) == []


def test_data_that_cannot_be_drawn_are_named(tmp_path):
    store = Store(tmp_path)
    bad = MarginalKL(
        data="digits", context="c", axis="width", levels=(1, 2), low=(), high=(), empirical=(), floor=(), rate=()
    )
    store.update_figure_data("quick", "jax", [bad])
    with pytest.raises(EvidenceError, match="quick/digits, figure marginal_kl"):
        figures(store)
