"""Contexts: which VAE each names, and what is told to one who misspells."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import find, given
from hypothesis import strategies as st

from study.design.contexts import FIELDS, LISTED, PLAIN, Context, Point, grid_contexts, placed, search_space
from study.design.grids import BASES, QUICK, SCALES, SEARCH_GRID, VAE_GRID
from study.errors import InvalidValue
from study.types import Field
from study.vae.config import AXES, VAEConfig

CONTEXT = LISTED[2]
EVERY = grid_contexts(VAE_GRID)
PLACES = [(scale, data) for scale in SCALES for data in SCALES[scale]]


@given(st.sampled_from(EVERY), st.sampled_from(PLACES))
def test_a_context_becomes_a_config(context: Context, place: tuple[str, str]) -> None:
    scale, data = place
    config, choices = context.config(data, scale), dict(context.choices)
    assert (config.data, config.images) == (data, SCALES[scale][data])
    base = VAEConfig(data=data, images=SCALES[scale][data], **BASES["digits" if data == "digits" else "mnist"])
    assert config == base.replace(**choices)
    assert (config.pixels, config.kl_warmup_epochs * 3) == ("redrawn", config.epochs)


def test_the_listed_contexts_are_those_of_the_protocol() -> None:
    """Recorded evidence is about these, by these texts."""
    texts = ["activation=relu, decoder_depth=1", "activation=tanh, decoder_depth=1", "activation=relu, decoder_depth=2"]
    assert [str(context) for context in LISTED] == texts
    assert len(set(EVERY)) == 27
    assert str(EVERY[1]) == "activation=relu, decoder_depth=1, kl_weight=1.0, latent_dim=4"


def test_equal_choices_have_one_text_and_unknown_ones_are_refused() -> None:
    assert Context.of(decoder_depth=2, activation="relu") == Context.of(activation="relu", decoder_depth=2) == CONTEXT
    with pytest.raises(InvalidValue, match=r"^config field: expected one of 'decoder_depth'"):
        Context.of(decoder_dept=2)
    with pytest.raises(InvalidValue, match=r"^activation: expected one of"):
        Context.of(activation="rely")


@given(st.sampled_from(EVERY), st.sampled_from(EVERY))
def test_texts_tell_contexts_apart(one: Context, other: Context) -> None:
    assert (str(one) == str(other)) == (one == other)


@given(
    st.dictionaries(
        st.sampled_from(FIELDS),
        st.none()
        | st.integers()
        | st.floats(allow_nan=False)
        | st.sampled_from(["relu", "redrawn", "a-b.c"])
        | st.lists(st.floats(allow_nan=False)).map(tuple),
    )
)
def test_a_context_is_read_from_its_text(choices: dict[str, Field]) -> None:
    assert Context.read(str(Context(tuple(choices.items())))) == Context(tuple(choices.items()))


@pytest.mark.parametrize("text", ["small", "width", "width=08", "kl_weight=(1.0)"])
def test_a_text_of_no_context_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match=r"^context: expected choices such as 'latent_dim=2, kl_weight=1.0'"):
        Context.read(text)


def test_a_grid_has_every_cell_once_the_last_choice_varying_fastest() -> None:
    cells = grid_contexts({"a": (1, 2), "b": (3, 4)}, PLAIN)
    assert [str(cell) for cell in cells] == ["a=1, b=3", "a=1, b=4", "a=2, b=3", "a=2, b=4"]


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("axis", QUICK)
def test_a_sweep_moves_one_axis_and_keeps_the_images(axis: str, scale: str) -> None:
    sweep, data = CONTEXT.along(axis), list(SCALES[scale])[-1]
    configs = sweep.configs(data, scale)
    assert [getattr(config, name) for config in configs for name in AXES[axis][:1]] == list(sweep.levels(scale))
    same = dict.fromkeys(AXES[axis], 4)
    assert {config.replace(**same) for config in configs} == {CONTEXT.config(data, scale).replace(**same)}
    assert str(sweep) == f"{CONTEXT}, along {axis}"
    widest = 64 if scale == "quick" else 128
    steps = [level / last for last, level in pairwise(sweep.levels(scale))]
    assert steps == ([2.0, 1.5, 4 / 3] if axis == "encoder_depth" else [2.0] * len(steps))
    assert sweep.levels(scale)[-1] == {"encoder_depth": 4, "latent_dim": 8}.get(axis, widest)


def test_a_sweep_goes_from_a_point() -> None:
    point = CONTEXT.at(kl_weight=0.5, latent_dim=8, decoder_trained_with=32)
    sweep = point.along("encoder_width", (1, 2, 4, 8))
    base = point.config("digits", "quick")
    configs = sweep.configs("digits", "quick")
    assert configs == tuple(base.replace(encoder_width=width) for width in (1, 2, 4, 8))
    assert {config.base() for config in configs} == {base.replace(decoder_trained_with=None, encoder_width=32)}
    assert (sweep.context, str(sweep)) == (CONTEXT, f"{point}, along encoder_width")
    assert sweep != CONTEXT.along("encoder_width", (1, 2, 4, 8))
    with pytest.raises(InvalidValue, match=r"^axis: expected one that the point does not set: .*, received 'latent_d"):
        point.along("latent_dim")


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
    first = grid_contexts(SEARCH_GRID, PLAIN)[0]
    assert find(search_space(), lambda _: True) == first
    wide = find(search_space(), lambda context: dict(context.choices)["width"] > 10)
    assert dict(wide.choices) == dict(first.choices) | {"width": 16}


@given(search_space())
def test_a_search_stays_on_its_grid(context: Context) -> None:
    assert context in grid_contexts(SEARCH_GRID, PLAIN)


def test_ranks_grow_from_small_and_plain_on() -> None:
    cells = grid_contexts(SEARCH_GRID, PLAIN)
    assert cells[0].rank == (0, 0, 0)
    assert [cell.rank for cell in cells] == sorted(cell.rank for cell in cells)
    assert Context((("activation", "relu"), ("width", 16))).rank == (0, 1)
