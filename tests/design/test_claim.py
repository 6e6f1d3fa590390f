"""The contexts of a claim are drawn once, by its id alone, and Hypothesis visits all of them."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.design.claim import Claim, Estimand
from study.design.contexts import Context, grid_contexts
from study.design.grids import SEARCH_GRID, TRAINING_GRID, VAE_GRID
from study.design.profile import load_profile
from study.errors import InvalidValue


def claim(name: str = "example", **changes: object) -> Claim:
    return Claim(
        **{
            "id": name,
            "statement": "",
            "source": "",
            "chapter": "",
            "parameters": {},
            "estimand": lambda: Estimand(0, "nats"),
        }
        | changes
    )


@pytest.fixture
def profile() -> Iterator[str]:
    yield load_profile()
    settings.load_profile("study-unit")


def test_the_contexts_of_one_claim_are_pinned() -> None:
    """A library's new version must not move them: recorded evidence is about these."""
    assert [str(context) for context in claim().design] == [
        "kl_weight=1.0, activation=relu, pixels=binarised",
        "kl_weight=1.0, activation=tanh, pixels=redrawn",
        "kl_weight=2.0, activation=relu, pixels=binarised",
    ]


def test_neither_global_randomness_nor_another_claim_moves_a_design() -> None:
    designs = []
    for state in (1, 2):
        random.seed(state)
        np.random.seed(state)  # noqa: NPY002 - what Hypothesis does before each example
        claim("another").design  # noqa: B018 - drawn in between
        designs.append(claim().design)
    assert designs[0] == designs[1]
    assert len({claim(f"claim {i}").design for i in range(20)}) > 15


@given(st.text(max_size=9), st.sampled_from([TRAINING_GRID, VAE_GRID, SEARCH_GRID]), st.data())
def test_a_design_is_drawn_from_the_grid_without_replacement(name: str, grid: dict, data: st.DataObject) -> None:
    cells = grid_contexts(grid)
    size = data.draw(st.integers(1, len(cells)))
    design = claim(name, grid=grid, size=size).design
    assert len(set(design)) == size
    places = [cells.index(context) for context in design]
    assert places == sorted(places)


@pytest.mark.parametrize("size", [0, -1, 13])
def test_a_design_larger_than_its_grid_is_refused(size: int) -> None:
    with pytest.raises(InvalidValue, match=f"^size: expected a number of contexts from 1 to 12, received {size}"):
        claim(size=size).design  # noqa: B018 - drawn on first use


DATE = r"an ISO date, e.g. '2026-12-01', or nothing, received "


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"threshold": "3"}, "^threshold: expected a finite number, received '3'"),
        ({"threshold": True}, "^threshold: expected a finite number, received True"),
        ({"threshold": float("nan")}, "^threshold: expected a finite number"),
        ({"predicted": "PROVEN"}, "^predicted: expected one of SUPPORTED, .*received 'PROVEN'"),
        (
            {"predicted": "SUPPORTED", "basis": "hope"},
            "^basis: expected one of pilot, theory, or nothing, received 'ho",
        ),
        ({"dated": "20261201"}, f"^dated: expected {DATE}'20261201'"),
        ({"dated": 20261201}, f"^dated: expected {DATE}20261201"),
    ],
)
def test_an_estimand_that_nobody_can_register_is_refused(wrong: dict, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        Estimand(**{"threshold": 0.5, "unit": "nats"} | wrong)


@pytest.mark.parametrize("date", ["soon", "2026-13-01", "2026-12-1", "20261201", None])
def test_a_claim_is_registered_at_a_date_or_a_draft(date: object) -> None:
    assert (claim().registered, claim(registered="2026-12-01").registered) == ("", "2026-12-01")
    with pytest.raises(InvalidValue, match=f"^registered: expected {DATE}"):
        claim(registered=date)


def test_every_cell_can_be_drawn() -> None:
    """A cell is missing from one design of 3 with probability 3/4; from 200 designs with 1e-25."""
    drawn = {context for i in range(200) for context in claim(f"claim {i}").design}
    assert drawn == set(grid_contexts(TRAINING_GRID))


@pytest.mark.parametrize("size", [1, 3, 60])
def test_hypothesis_visits_every_context(profile: str, size: int) -> None:
    design, seen = claim(grid=VAE_GRID, size=size), []

    @settings(settings.get_profile(profile))
    @given(design.contexts())
    def visit(context: Context) -> None:
        seen.append(context)

    visit()
    assert set(seen) == set(design.design)


def test_nothing_about_the_profile_depends_on_time_or_chance(profile: str) -> None:
    loaded = settings.get_profile(profile)
    assert (loaded.deadline, loaded.database, loaded.derandomize) == (None, None, True)
    assert settings.default.max_examples == loaded.max_examples == 200


def test_rows_are_declared_and_not_counted() -> None:
    parameters = {"axis": ("a", "b"), "measure": ("x", "y", "z")}
    assert claim(parameters=parameters).declared == 6
    assert claim(parameters=parameters, search=Estimand(0, "nats")).declared == 6  # a search takes none of the level
    assert claim().declared == 1


def test_words_are_of_values_that_a_parameter_has() -> None:
    parameters = {"axis": ("width", "depth")}
    assert claim(parameters=parameters, words={"width": "wider"}).words == {"width": "wider"}
    with pytest.raises(InvalidValue, match=r"^words: expected words for one of 'depth', 'width', received 'widht'"):
        claim(parameters=parameters, words={"widht": "wider"})


class Model:
    def __init__(self, name: str, data: str = "digits") -> None:
        self.id, self.data = name, data


def test_subjects_stand_in_place_of_contexts(profile: str) -> None:
    one, two = Model("one"), Model("two")
    about, seen = claim(subjects=(one, two)), []

    @settings(settings.get_profile(profile))
    @given(about.contexts())
    def visit(subject: Model) -> None:
        seen.append(subject)

    visit()
    assert set(seen) == {one, two}
    assert (about.places, about.data) == (("one", "two"), "digits")
    assert (claim().places, claim().data) == (tuple(map(str, claim().design)), "")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "every"}, "^kind: expected 'most', and no search: somebody's model has no fresh seeds"),
        ({"kind": "exact"}, "^kind: expected 'most'"),
        ({"search": Estimand(0, "nats")}, "^kind: expected 'most', and no search.*, received 'search'"),
        (
            {"subjects": (Model("a"), Model("a"))},
            r"^subjects: expected subjects of one data set, each with an id of its",
        ),
        ({"subjects": (Model("a"), Model("b", "mnist"))}, "^subjects: expected subjects of one data set"),
    ],
)
def test_subjects_that_cannot_be_judged_are_refused(fields: dict, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        claim(**{"subjects": (Model("a"),)} | fields)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(InvalidValue, match=r"^kind: expected one of 'most', 'every', 'exact', received 'mean'"):
        claim(kind="mean")


@pytest.mark.parametrize("zero", ["REFUTED", float("nan"), float("inf")])
def test_the_value_of_no_effect_is_a_number_or_nothing(zero: object) -> None:
    assert (Estimand(0.5, "nats").zero, Estimand(0.5, "nats", None).zero) == (0.0, None)
    with pytest.raises(InvalidValue, match=r"^zero: expected a finite number, or None for a margin"):
        Estimand(0.5, "nats", zero)
