"""Initial weights: Glorot's limits for each replica's own kernel, whatever its siblings."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.runtime import registry
from study.vae.config import VAEConfig
from study.vae.initial import initial_weights

LIKELIHOODS = registry.names("study.vae.likelihoods")

DEEP = VAEConfig(encoder_depth=2, decoder_depth=1, encoder_width=40, decoder_width=64)


def is_glorot(kernels: np.ndarray) -> bool:
    """Whether kernels ``(replica, in, out)`` are uniform within Glorot's limit of one replica's ``(in, out)``.

    The largest of n > 500 draws is below 98 % of the limit with probability 0.98^n < 5e-5; five standard errors
    of the variance (relative √(0.8 / n)) are a false alarm in 2 of a million.
    """
    limit = np.sqrt(6 / sum(kernels.shape[1:]))
    return all(
        0.98 * limit < np.abs(k).max() <= limit and abs(k.var() / (limit**2 / 3) - 1) < 5 * np.sqrt(0.8 / k.size)
        for k in kernels
    )


def test_kernels_have_glorots_limits_and_biases_are_zero() -> None:
    weights = initial_weights(DEEP, range(8))
    for layer in ("encoder_0", "encoder_1", "posterior", "decoder_0", "output"):
        assert is_glorot(weights[f"{layer}/kernel"]), layer
        assert not weights[f"{layer}/bias"].any()
    # What Keras makes of a stacked kernel: it takes the replicas for the width of a convolution.
    assert not is_glorot(np.array(keras.initializers.GlorotUniform(seed=1)((8, 64, 32))))


def test_a_replica_does_not_depend_on_its_siblings() -> None:
    together, alone = initial_weights(DEEP, (3, 0, 7)), initial_weights(DEEP, (7,))
    for path, weight in alone.items():
        assert np.array_equal(together[path][2], weight[0])


def test_siblings_layers_and_configs_have_nothing_in_common() -> None:
    """28 + 2 correlations of 64 × 40 draws below 5 standard errors: a false alarm in 2 of 100,000, seeds fixed."""
    kernels = initial_weights(DEEP, range(8))["encoder_0/kernel"]
    other = initial_weights(DEEP.replace(learning_rate=1e-3), range(2))["encoder_0/kernel"]
    flat = [k.ravel() for k in (*kernels, *other)]
    assert np.abs(np.corrcoef(flat) - np.eye(10)).max() < 5 / np.sqrt(kernels[0].size)


def test_a_sweep_of_kl_weights_starts_where_its_separate_runs_do() -> None:
    sweep = initial_weights(DEEP.replace(kl_weight=(0.5, 4.0)), (0, 1))
    for i, weight in enumerate((0.5, 4.0)):
        run = initial_weights(DEEP.replace(kl_weight=weight), (i,))
        assert all(np.array_equal(sweep[path][i], run[path][0]) for path in run)


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
@given(depths=st.tuples(st.integers(0, 3), st.integers(0, 3)), latent=st.integers(1, 5), replicas=st.integers(1, 3))
def test_every_parameter_is_there_once(likelihood: str, depths: tuple[int, int], latent: int, replicas: int) -> None:
    config = VAEConfig(
        likelihood=likelihood, encoder_depth=depths[0], decoder_depth=depths[1], latent_dim=latent, encoder_width=3
    )
    weights = initial_weights(config, range(replicas))
    assert {w.dtype for w in weights.values()} == {np.dtype(np.float32)}
    assert {len(w) for w in weights.values()} == {replicas}
    assert sum(w[0].size for w in weights.values()) == config.parameter_count
