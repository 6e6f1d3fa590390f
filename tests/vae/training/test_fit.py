"""Keras' own ``fit`` and the compiled loop are the same training."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from study.errors import InvalidValue
from study.vae.config import VAEConfig
from study.vae.model import VAE
from study.vae.training import randomness
from study.vae.training.fit import KLWarmup, ReplicaDataset, annealed
from study.vae.training.loop import train

REPLICAS = (4, 0, 2)


@pytest.mark.parametrize(
    ("change", "tolerance"),
    [
        pytest.param({"kl_weight": (0.5, 1.0, 4.0), "kl_warmup_epochs": 3}, 1e-5, id="KL weights and warm-up"),
        pytest.param({"pixels": "redrawn"}, 1e-5, id="redrawn pixels"),
        # Adam divides rounding by rounding where a unit's gradient all but vanishes.
        pytest.param({"likelihood": "continuous_bernoulli", "activation": "silu"}, 1e-4, id="continuous Bernoulli"),
        pytest.param({"likelihood": "gaussian_learned", "activation": "gelu"}, 2e-3, id="learned scale"),
    ],
)
def test_fit_is_the_compiled_loop(
    small: VAEConfig, images: NDArray[np.float32], change: dict[str, Any], tolerance: float
) -> None:
    """20 steps, to 1e-5. On torch the loop's Adam is the fused one and ``fit``'s is Keras': so they agree, too."""
    config = small.replace(**change)
    loop = train(config, images, REPLICAS)
    vae = VAE(config, REPLICAS)
    vae.compile(optimizer=keras.optimizers.Adam(annealed(config, len(images))))
    dataset = ReplicaDataset(config, images, REPLICAS)
    history = vae.fit(dataset, epochs=5, shuffle=False, verbose=0, callbacks=[KLWarmup()]).history["loss"]
    fitted = vae.stacked_weights()
    for path, weight in loop.weights.items():
        np.testing.assert_allclose(fitted[path], weight, rtol=0, atol=tolerance, err_msg=path)
    if config.kl_weight == 1.0 and not config.kl_warmup_epochs:  # the loss is the negative ELBO
        np.testing.assert_allclose(np.mean(history), loop.negative_elbo.mean(0).sum(), rtol=1e-5, atol=1e-4)


def test_a_dataset_moves_on_with_every_epoch_and_not_before(
    small: VAEConfig, images: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keras ends an epoch before the first has begun, and looks at minibatches before that, too."""
    monkeypatch.setattr(randomness, "EPOCHS_AT_ONCE", 4)
    dataset = ReplicaDataset(small.replace(epochs=12), images, REPLICAS)
    assert len(dataset) == 4
    peeked = dataset[0][0]
    assert {name: value.shape for name, value in peeked.items()} == {"x": (16, 3, 64), "noise": (16, 3, 2)}
    seen = []
    for _ in range(12):  # three chunks of four
        dataset.on_epoch_end()
        dataset.on_epoch_begin()
        seen += [dataset[i][0]["noise"].tobytes() for i in range(4)]
    assert seen[0] == peeked["noise"].tobytes()
    assert len(set(seen)) == 48
    with pytest.raises(InvalidValue, match=r"^epochs: expected at most the config's 12"):
        dataset.on_epoch_begin()


def test_a_dataset_refuses_what_training_does(small: VAEConfig, images: NDArray[np.float32]) -> None:
    with pytest.raises(InvalidValue, match=r"^images: expected finite pixels"):
        ReplicaDataset(small, images * np.nan, REPLICAS)
    with pytest.raises(InvalidValue, match=r"^kl_weight: expected one number, or 3 numbers"):
        ReplicaDataset(small.replace(kl_weight=(1, 2)), images, REPLICAS)
