"""Contexts: which VAE each names, and what is told to one who misspells."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import find, given
from hypothesis import strategies as st

from study.design.contexts import FIELDS, Context, Point, grid_contexts, placed, search_space
from study.design.grids import BASES, LEVELS, SCALES, SEARCH_GRID, TRAINING_GRID, VAE_GRID
from study.errors import InvalidValue
from study.vae.config import AXES, VAEConfig

CONTEXT = grid_contexts(TRAINING_GRID)[5]
PLACES = [(scale, data) for scale in SCALES for data in SCALES[scale]]


@given(st.sampled_from(grid_contexts(VAE_GRID)), st.sampled_from(PLACES))
def test_a_context_becomes_a_config(context: Context, place: tuple[str, str]) -> None:
    scale, data = place
    config, choices = context.config(data, scale), dict(context.choices)
    assert (config.data, config.images) == (data, SCALES[scale][data])
    assert {name: getattr(config, name) for name in TRAINING_GRID} == {name: choices[name] for name in TRAINING_GRID}
    axis, index = choices["at"].rstrip("]").split("[")
    level = LEVELS["digits" if data == "digits" else "mnist"][axis][int(index)]
    assert {getattr(config, name) for name in AXES[axis]} == {level}


@given(st.sampled_from(grid_contexts(VAE_GRID)), st.sampled_from(grid_contexts(VAE_GRID)))
def test_texts_tell_contexts_apart(one: Context, other: Context) -> None:
    assert (str(one) == str(other)) == (one == other)


def test_a_grid_has_every_cell_once_the_last_choice_varying_fastest() -> None:
    cells = grid_contexts({"a": (1, 2), "b": (3, 4)})
    assert [str(cell) for cell in cells] == ["a=1, b=3", "a=1, b=4", "a=2, b=3", "a=2, b=4"]


@pytest.mark.parametrize("axis", LEVELS["digits"])
def test_a_sweep_moves_one_axis_and_keeps_the_images(axis: str) -> None:
    sweep = CONTEXT.along(axis)
    configs = sweep.configs("mnist", "standard")
    assert [getattr(config, name) for config in configs for name in AXES[axis][:1]] == list(sweep.levels("mnist"))
    assert {config.images for config in configs} == {10_000}
    same = dict.fromkeys(AXES[axis], 4)
    assert len({config.replace(**same) for config in configs}) == 1
    assert [level / last for last, level in pairwise(sweep.levels("digits"))] in ([2.0] * 3, [2.0, 1.5, 4 / 3])
    assert str(sweep) == f"{CONTEXT}, along {axis}"


OTHER = {
    "kl_weight": (0.5, 1.0, 2.0), "learning_rate": (1e-3, 2e-3), "activation": ("relu", "gelu"), "images": (100, 200),
    "prior": ("normal", "uniform"), "decoder_depth": (1, 2), "pixels": ("binarised", "redrawn"),
    "kl_warmup_epochs": (0, 9),
}  # fmt: skip


@pytest.mark.parametrize("axis", OTHER)
def test_a_sweep_goes_along_any_field_of_the_config(axis: str) -> None:
    sweep = Context(()).along(axis, OTHER[axis])
    assert tuple(getattr(config, axis) for config in sweep.configs("digits", "quick")) == OTHER[axis]
    assert sweep.per_doubling == (axis != "decoder_depth")


def test_a_point_sets_fields_of_its_context() -> None:
    point = CONTEXT.at(latent_dim=2, kl_weight=9.0)
    assert point.config("digits", "quick") == CONTEXT.config("digits", "quick").replace(latent_dim=2, kl_weight=9.0)
    assert str(point) == f"{CONTEXT}, kl_weight=9.0, latent_dim=2"
    assert CONTEXT.at(kl_weight=9.0, latent_dim=2) == point
    assert CONTEXT.at() == Point(CONTEXT)


def test_width_sets_both_networks() -> None:
    config = Context((("width", 4), ("kl_weight", 2.0))).config("digits", "quick")
    assert (config.encoder_width, config.decoder_width, config.kl_weight) == (4, 4, 2.0)


@pytest.mark.parametrize("name", [*AXES, *FIELDS])
def test_every_axis_and_field_has_a_place_in_a_config(name: str) -> None:
    config = VAEConfig(**BASES["digits"])
    value = getattr(config, AXES.get(name, (name,))[0])
    assert placed(config, name, value) == config.replace(**dict.fromkeys(AXES.get(name, (name,)), value))


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (
            lambda: CONTEXT.config("digits", "huge"),
            "^scale: expected one of 'quick', 'standard', 'full', received 'huge'",
        ),
        (
            lambda: CONTEXT.config("mnist", "quick"),
            "^data: expected one of 'digits' at scale 'quick', received 'mnist'",
        ),
        (lambda: CONTEXT.along("encodr_width"), "^axis: expected one of 'encoder_width', .*, received 'encodr_width'"),
        (lambda: CONTEXT.along("kl_weigth", (1, 2)), "^axis: expected one of 'kl_weight'.*, received 'kl_weigth'"),
        (lambda: CONTEXT.along("zzz"), "^axis: expected one of 'encoder_width', .*'latent_dim', received"),
        (lambda: CONTEXT.along("widht"), "^axis: expected one of 'width', received 'widht'"),
        (lambda: CONTEXT.along("kl_weigth"), "^axis: expected one of 'kl_weight', received 'kl_weigth'"),
        (lambda: CONTEXT.along("kl_weight"), "^levels: expected levels of 'kl_weight', as only 'encoder_width', "),
        (lambda: CONTEXT.along("kl_weight", (1, 1)), "^levels: expected at least two different levels"),
        (lambda: CONTEXT.along("kl_weight", ()), "^levels: expected at least two different levels"),
        (lambda: CONTEXT.at(latent=2).config("digits", "quick"), "^config field: expected one of 'latent_dim'"),
        (
            lambda: CONTEXT.at(latent_dim=0).config("digits", "quick"),
            "^latent_dim: expected an integer ≥ 1, received 0",
        ),
    ],
)
def test_what_there_is_not_is_refused(use: object, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        use()  # type: ignore[operator]


def test_a_search_shrinks_toward_the_first_cell() -> None:
    first = grid_contexts(SEARCH_GRID)[0]
    assert find(search_space(), lambda _: True) == first
    wide = find(search_space(), lambda context: dict(context.choices)["width"] > 10)
    assert dict(wide.choices) == dict(first.choices) | {"width": 16}


@given(search_space())
def test_a_search_stays_on_its_grid(context: Context) -> None:
    assert context in grid_contexts(SEARCH_GRID)


def test_ranks_grow_from_small_and_plain_on() -> None:
    cells = grid_contexts(SEARCH_GRID)
    assert cells[0].rank == (0, 0, 0)
    assert [cell.rank for cell in cells] == sorted(cell.rank for cell in cells)
    assert Context((("at", "width[1]"), ("width", 16))).rank == (0, 1)
