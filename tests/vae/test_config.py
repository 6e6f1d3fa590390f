"""A config refuses what cannot be trained, is equal to what means the same, and survives JSON."""

from __future__ import annotations

import dataclasses
import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.errors import InvalidValue
from study.types import DATA_SETS
from study.vae.config import ACTIVATIONS, AXES, LIKELIHOODS, VAEConfig

SIZES = st.integers(1, 300)
WEIGHTS = st.floats(0, 8)
CONFIGS = st.builds(
    VAEConfig,
    data=st.sampled_from(DATA_SETS),
    images=st.none() | st.integers(20, 10**5),
    pixels=st.sampled_from(("binarised", "redrawn")),
    latent_dim=SIZES,
    encoder_width=SIZES,
    encoder_depth=st.integers(0, 4),
    decoder_depth=st.integers(0, 4),
    activation=st.sampled_from(ACTIVATIONS),
    kl_weight=WEIGHTS | st.lists(WEIGHTS, min_size=1, max_size=4).map(tuple),
    likelihood=st.sampled_from(LIKELIHOODS),
    learning_rate=st.floats(1e-6, 1),
)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [(name, value, "integer ≥ 1") for name in ("latent_dim", "encoder_width", "batch_size") for value in (0, -3)]
    + [(name, value, "integer ≥ 1") for name in ("max_epochs", "window_epochs") for value in (2.0, True, "9", None)]
    + [(name, -1, "integer ≥ 0") for name in ("encoder_depth", "decoder_depth", "kl_warmup_epochs")]
    + [(name, value, "finite number > 0") for name in ("learning_rate", "tolerance") for value in (0, np.nan, "1")]
    + [("gaussian_scale", np.inf, "finite number > 0"), ("images", 19, "integer ≥ 20")]
    + [(name, "Digits", "one of '") for name in ("data", "pixels", "likelihood", "activation")]
    + [("kl_weight", value, "finite numbers ≥ 0") for value in (-1.0, (1.0, -1.0), np.nan, "high", True, (1, "2"))]
    + [("kl_weight", (), "one number per replica"), ("pixels", ["grey"], "one of 'grey'")],
)
def test_a_refusal_names_argument_value_and_expectation(field: str, value: object, expected: str) -> None:
    pattern = f"^{field}: expected .*{re.escape(expected)}.*, received {re.escape(repr(value))}"
    with pytest.raises(InvalidValue, match=pattern):
        VAEConfig(**{field: value})
    with pytest.raises(InvalidValue, match=pattern):
        VAEConfig().replace(**{field: value})


def test_grey_pixels_have_no_bernoulli_likelihood() -> None:
    with pytest.raises(InvalidValue, match=r"^likelihood: expected 'continuous_bernoulli'.* with grey pixels"):
        VAEConfig(pixels="grey")
    for likelihood in set(LIKELIHOODS) - {"bernoulli"}:
        assert VAEConfig(pixels="grey", likelihood=likelihood).likelihood == likelihood


def test_kl_weights_are_one_or_one_per_replica() -> None:
    assert VAEConfig(kl_weight=2).kl_weights(3) == (2.0, 2.0, 2.0)
    assert VAEConfig(kl_weight=(0.5, 1)).kl_weights(2) == (0.5, 1.0)
    with pytest.raises(InvalidValue, match=r"^kl_weight: expected one number, or 3 numbers .*received \(0.5, 1.0\)"):
        VAEConfig(kl_weight=(0.5, 1)).kl_weights(3)


def test_a_replicas_seeds_know_its_own_kl_weight_only() -> None:
    swept = VAEConfig(kl_weight=(0.5, 1, 0.5)).replica_keys(3)
    assert swept == tuple(VAEConfig(kl_weight=weight).key for weight in (0.5, 1, 0.5))
    assert set(VAEConfig().replica_keys(4)) == {VAEConfig().key}


@given(CONFIGS)
def test_json_brings_back_the_same_config(config: VAEConfig) -> None:
    copy = VAEConfig.from_dict(json.loads(config.canonical))
    assert copy == config
    assert hash(copy) == hash(config)
    assert copy.key == config.key
    assert VAEConfig.from_dict(config.as_dict()) == config


@given(CONFIGS, CONFIGS)
def test_keys_are_equal_exactly_when_configs_are(one: VAEConfig, other: VAEConfig) -> None:
    assert (one.key == other.key) == (one == other)
    assert (one.program() == other.program()) == all(
        getattr(one, field.name) == getattr(other, field.name)
        for field in dataclasses.fields(one)
        if field.name not in {"kl_weight", "kl_warmup_epochs", "max_epochs", "tolerance"}
    )


def test_what_means_the_same_is_equal() -> None:
    assert VAEConfig(kl_weight=1, tolerance=1) == VAEConfig(kl_weight=1.0, tolerance=1.0)
    assert VAEConfig(kl_weight=[1, 2]).key == VAEConfig(kl_weight=(1.0, 2.0)).key  # type: ignore[arg-type]
    assert VAEConfig(kl_weight=1).canonical == VAEConfig(kl_weight=1.0).canonical


def test_a_config_cannot_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        VAEConfig().latent_dim = 3  # type: ignore[misc]


def test_unknown_names_are_refused() -> None:
    with pytest.raises(InvalidValue, match=r"^config field: expected one of 'activation', .*received 'latents'"):
        VAEConfig.from_dict({"latents": 3})
    with pytest.raises(InvalidValue, match=r"^axis: expected one of 'encoder_width', .*received 'depth'"):
        VAEConfig().along("depth", 3)


@pytest.mark.parametrize("axis", AXES)
def test_an_axis_sets_its_fields_and_no_other(axis: str) -> None:
    base, moved = VAEConfig().as_dict(), VAEConfig().along(axis, 5).as_dict()
    assert {name: value for name, value in moved.items() if value != base[name]} == dict.fromkeys(AXES[axis], 5)


def test_parameters_are_counted_by_hand() -> None:
    """64 → 5 → 5 → 2 × 3, and 3 → 7 → 64: kernels and biases; a learned variance adds one number per pixel."""
    config = VAEConfig(latent_dim=3, encoder_width=5, encoder_depth=2, decoder_width=7)
    assert config.parameter_count == (65 * 5 + 6 * 5 + 6 * 6) + (4 * 7 + 8 * 64)
    assert config.replace(likelihood="gaussian_learned").parameter_count == config.parameter_count + 64
    assert VAEConfig(latent_dim=3, encoder_depth=0, decoder_depth=0).parameter_count == 65 * 6 + 4 * 64
