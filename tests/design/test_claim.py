"""The contexts of a claim are drawn once, by its id alone, and Hypothesis visits all of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from study.design.claim import Claim, Estimand
from study.design.contexts import Context, Sweep, grid_contexts, search_space
from study.design.grids import LEVELS, SCALES, SEARCH_GRID, TRAINING_GRID, VAE_GRID
from study.design.profile import load_profile
from study.errors import InvalidValue
from study.vae.config import AXES


def claim(name: str = "example", **changes: object) -> Claim:
    return Claim(
        **{"id": name, "statement": "", "source": "", "chapter": "", "parameters": {}, "estimand": lambda: Estimand(0, "nats")}
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
    assert all(context.design == design for context in design)


@pytest.mark.parametrize("size", [0, -1, 13])
def test_a_design_larger_than_its_grid_is_refused(size: int) -> None:
    with pytest.raises(InvalidValue, match=f"^size: expected a number of contexts from 1 to 12, received {size}"):
        claim(size=size).design  # noqa: B018 - drawn on first use


def test_a_prediction_is_none_on_the_seeds_that_set_it() -> None:
    estimand = Estimand(0.5, "nats", "REFUTED", "SUPPORTED, overturned lately", hindsight_on="first")
    assert (estimand.prediction("first"), estimand.prediction("second")) == ("", "REFUTED")
    assert Estimand(0.5, "nats", "SUPPORTED").prediction("first") == "SUPPORTED"


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


def test_the_search_shrinks_toward_the_first_cell() -> None:
    first = grid_contexts(SEARCH_GRID)[0]
    assert find(search_space(), lambda _: True) == first
    wide = find(search_space(), lambda context: dict(context.choices)["width"] > 10)
    assert dict(wide.choices) == dict(first.choices) | {"width": 16}


@given(search_space())
def test_the_search_stays_on_its_grid(context: Context) -> None:
    assert context in grid_contexts(SEARCH_GRID)


@given(st.sampled_from(grid_contexts(VAE_GRID)), st.sampled_from([(s, d) for s in SCALES for d in SCALES[s]]))
def test_a_context_becomes_a_config(context: Context, place: tuple[str, str]) -> None:
    scale, data = place
    config, choices = context.config(data, scale), dict(context.choices)
    assert (config.data, config.images) == (data, SCALES[scale][data])
    assert {name: getattr(config, name) for name in TRAINING_GRID} == {name: choices[name] for name in TRAINING_GRID}
    axis, index = choices["at"].rstrip("]").split("[")
    level = LEVELS["digits" if data == "digits" else "mnist"][axis][int(index)]
    assert {getattr(config, name) for name in AXES[axis]} == {level}


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda c: c.config("digits", "huge"), "^scale: expected one of 'quick', 'standard', 'full', received 'huge'"),
        (lambda c: c.config("mnist", "quick"), "^data: expected one of 'digits' at scale 'quick', received 'mnist'"),
        (lambda c: c.along("depth"), "^axis: expected one of 'encoder_width', .*, received 'depth'"),
    ],
)
def test_unknown_names_are_refused(use: object, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        use(claim().design[0])  # type: ignore[operator]


@pytest.mark.parametrize("axis", LEVELS["digits"])
def test_a_sweep_moves_one_axis_and_keeps_the_images(axis: str) -> None:
    sweep = claim().design[1].along(axis)
    configs = sweep.configs("mnist", "standard")
    assert [getattr(config, name) for config in configs for name in AXES[axis][:1]] == list(sweep.levels("mnist"))
    assert {config.images for config in configs} == {10_000}
    same = dict.fromkeys(AXES[axis], 4)
    assert len({config.replace(**same) for config in configs}) == 1
    assert [level / last for last, level in pairwise(sweep.levels("digits"))] in ([2.0] * 3, [2.0, 1.5, 4 / 3])


def test_siblings_are_the_same_subject_in_every_context() -> None:
    first, second, third = claim().design
    assert second.siblings() == (second, first, third)
    assert second.along("width").siblings() == tuple(Sweep(c, "width") for c in (second, first, third))
    points = second.at(latent_dim=2, kl_weight=9).siblings()
    assert [point.context for point in points] == [second, first, third]
    assert points[0].configs("digits", "quick") == (
        second.config("digits", "quick").replace(latent_dim=2, kl_weight=9.0),
    )


def test_width_in_a_context_sets_both_networks() -> None:
    config = Context((("width", 4), ("kl_weight", 2.0))).config("digits", "quick")
    assert (config.encoder_width, config.decoder_width, config.kl_weight) == (4, 4, 2.0)


def test_rows_are_declared_and_not_counted() -> None:
    parameters = {"axis": ("a", "b"), "measure": ("x", "y", "z")}
    assert claim(parameters=parameters).declared == 6
    assert claim(parameters=parameters, search=Estimand(0, "nats")).declared == 7
    assert claim().declared == 1


def test_words_are_of_values_that_a_parameter_has() -> None:
    parameters = {"axis": ("width", "depth")}
    assert claim(parameters=parameters, words={"width": "wider"}).words == {"width": "wider"}
    with pytest.raises(InvalidValue, match=r"^words: expected words for one of 'depth', 'width', received 'widht'"):
        claim(parameters=parameters, words={"widht": "wider"})
