"""A config refuses what cannot be trained, is equal to what means the same, and survives JSON."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.errors import InvalidValue
from study.runtime import registry
from study.types import DATA_SETS
from study.vae.config import ACTIVATIONS, AXES, VAEConfig

LIKELIHOODS = registry.names("study.vae.likelihoods")

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
    decoder_trained_with=st.none() | SIZES,
)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [(name, value, "integer ≥ 1") for name in ("latent_dim", "encoder_width", "batch_size") for value in (0, -3)]
    + [(name, value, "integer ≥ 1") for name in ("epochs", "batch_size") for value in (2.0, True, "9", None)]
    + [(name, -1, "integer ≥ 0") for name in ("encoder_depth", "decoder_depth", "kl_warmup_epochs")]
    + [(name, value, "finite number > 0") for name in ("learning_rate", "gaussian_scale") for value in (0, np.nan, "1")]
    + [("gaussian_scale", np.inf, "finite number > 0"), ("images", 19, "integer ≥ 20")]
    + [("decoder_trained_with", value, "integer ≥ 1") for value in (0, 2.0, True, "32")]
    + [(name, "Digits", "one of '") for name in ("data", "pixels", "likelihood", "activation", "network", "prior")]
    + [(name, ["dense"], "one of '") for name in ("likelihood", "network", "prior")]
    + [("likelihood", "gausian", "one of 'gaussian'"), ("network", "dens", "one of 'dense'")]
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


GOLDEN = [
    ({}, "6e02969cbb4cd8e08b5e3e44c2a24685073fb187a48f68717ed300084808be27"),
    ({"data": "mnist", "images": 5000}, "5debe51f64c3cf815f9ad253ad0f5859476f74b57f84811c45ecb52911a8b3fa"),
    (
        {"data": "fashion_mnist", "pixels": "grey", "likelihood": "continuous_bernoulli"},
        "d6ac6ae96a6ddd34a5e6edfda88f2dc91696027413adfbbf160fe8549e29afa1",
    ),
    ({"pixels": "redrawn", "kl_weight": 4}, "f5d9e48b8a9279b4df9700a8354bc84c226a82e10db4e4c15b3506c8aa35c814"),
    ({"kl_weight": (0.5, 1, 4.0)}, "7435e6486821068b150eae8c27813bd0395847ad3a111fee702857f80276b9e0"),
    (
        {"kl_weight": (0.1, 1e-07), "kl_warmup_epochs": 30},
        "7edb2dbc273ea8ecac5b89955bfb5459b25476ceaf3b10baca3360372af2d18d",
    ),
    (
        {"likelihood": "gaussian", "gaussian_scale": 1, "encoder_depth": 0, "decoder_depth": 0},
        "4a63fd30c754fb2516336ce037cfe3922a745d9bfd9a1ca30824f5593ee1e68b",
    ),
    (
        {"likelihood": "gaussian_learned", "gaussian_scale": 0.05, "activation": "silu"},
        "4503c57304c225377a409e0c8d38ce652e76f81a2b71233e5f944b5214beb726",
    ),
    (
        {"latent_dim": 2, "encoder_width": 512, "encoder_depth": 3, "decoder_width": 4, "decoder_depth": 2},
        "b93795138158d08570cc896ac800de0d36308c157a18ffbeb1042f86c73f3c68",
    ),
    (
        {"learning_rate": 0.0001, "batch_size": 64, "epochs": 7, "decoder_trained_with": 16},
        "b747b24e9fc666d6cbf3a8b6bdb6a85558a7f7adc445003ff5fadf6159f9cbed",
    ),
]
"""Keys under which recorded VAEs are known, and from which their seeds were hashed."""


@pytest.mark.parametrize(("fields", "key"), GOLDEN)
def test_recorded_keys_are_still_the_keys(fields: dict[str, Any], key: str) -> None:
    assert VAEConfig(**fields).key == key


def variant(name: str, default: object, **metadata: object) -> type[VAEConfig]:
    """The config class with one field added, or given another default."""
    kind = VAEConfig.__dataclass_fields__[name].type if name in VAEConfig.__dataclass_fields__ else type(default)
    changed = (name, kind, dataclasses.field(default=default, metadata=metadata))
    return dataclasses.make_dataclass("Variant", [changed], bases=(VAEConfig,), frozen=True, kw_only=True)


def test_a_changed_default_changes_the_key() -> None:
    changed = variant("latent_dim", 9)
    assert changed().key == VAEConfig(latent_dim=9).key != VAEConfig().key
    assert changed(latent_dim=8).key == VAEConfig().key
    # Of a field that was added later, too: it is left out at what was done before, whatever is done now.
    later = variant("dropout", 0.5, absent=0.0)
    assert later().key != VAEConfig().key
    assert later(dropout=0.0).key == VAEConfig().key


@given(CONFIGS)
def test_a_field_added_at_its_absent_value_changes_no_key(config: VAEConfig) -> None:
    later = variant("dropout", 0.5, absent=0.0)
    fields = {field.name: getattr(config, field.name) for field in dataclasses.fields(config)}
    assert later(**fields, dropout=0.0).canonical == config.canonical
    assert later(**fields, dropout=0.1).key != config.key
    read = later.from_dict(config.as_dict())  # an old text means what was done then
    assert (read.dropout, read.key) == (0.0, config.key)
    moved = later(**fields, dropout=0.1)
    assert later.from_dict(moved.as_dict()) == moved


@given(CONFIGS, CONFIGS)
def test_keys_are_equal_exactly_when_configs_are(one: VAEConfig, other: VAEConfig) -> None:
    assert (one.key == other.key) == (one == other)
    assert (one.program() == other.program()) == all(
        getattr(one, field.name) == getattr(other, field.name)
        for field in dataclasses.fields(one)
        if field.name not in {"kl_weight", "kl_warmup_epochs", "epochs", "learning_rate", "decoder_trained_with"}
    )


def test_what_means_the_same_is_equal() -> None:
    assert VAEConfig(kl_weight=1, learning_rate=1) == VAEConfig(kl_weight=1.0, learning_rate=1.0)
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


def test_every_field_is_an_axis() -> None:
    assert VAEConfig().along("gaussian_scale", 2) == VAEConfig(gaussian_scale=2.0)
    assert VAEConfig().along("kl_weight", 4.0) == VAEConfig(kl_weight=4.0)


def test_configs_are_listed_and_counted_without_a_framework() -> None:
    """In a process that refuses to import Keras."""
    script = """if True:
        import sys
        sys.modules["keras"] = None
        from study.runtime.registry import names
        from study.vae.config import VAEConfig
        for network in names("study.vae.networks"):
            for likelihood in names("study.vae.likelihoods"):
                for prior in names("study.latent.priors"):
                    print(VAEConfig(network=network, likelihood=likelihood, prior=prior).parameter_count)
        """
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=60)
    assert sorted({*map(int, done.stdout.split())}) == [5008, 5008 + 64]


def test_parameters_are_counted_by_hand() -> None:
    """64 → 5 → 5 → 2 × 3, and 3 → 7 → 64: kernels and biases; a learned variance adds one number per pixel."""
    config = VAEConfig(latent_dim=3, encoder_width=5, encoder_depth=2, decoder_width=7)
    assert config.parameter_count == (65 * 5 + 6 * 5 + 6 * 6) + (4 * 7 + 8 * 64)
    assert config.replace(likelihood="gaussian_learned").parameter_count == config.parameter_count + 64
    assert VAEConfig(latent_dim=3, encoder_depth=0, decoder_depth=0).parameter_count == 65 * 6 + 4 * 64


@given(CONFIGS)
def test_a_held_decoder_names_what_trained_it(config: VAEConfig) -> None:
    """The same config but for the encoder's width; a config that trains its decoder has the key that it always had."""
    free = config.replace(decoder_trained_with=None)
    assert free.base() is None
    assert "decoder_trained_with" not in free.canonical
    held = config.replace(decoder_trained_with=7)
    assert held.base() == config.replace(encoder_width=7, decoder_trained_with=None)
    assert held.key != free.key
