"""A network is one new file, anybody's: here in a distribution of its own, found by its entry point."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from keras import ops
from numpy.typing import NDArray

from study.errors import InvalidValue
from study.runtime import registry
from study.vae.config import VAEConfig
from study.vae.model import VAE, load_vae
from study.vae.networks import _contract as networks
from study.vae.training.loop import train

RESIDUAL = '''
"""The dense network with a residual hidden layer in the decoder."""

from study.vae.networks import dense
from study.vae.networks._contract import Layer
from study.vae.networks.dense import encode


def layers(config):
    found = dense.layers(config.replace(network="dense"))
    output = found.pop("output")
    return {**found, "residual": Layer(config.decoder_width, config.decoder_width, True), "output": output}


def decode(config, stack, z):
    for index in range(config.decoder_depth):
        z = stack[f"decoder_{index}"](z)
    return stack["output"](z + stack["residual"](z))
'''
SMALL = VAEConfig(latent_dim=2, encoder_width=6, decoder_width=5, batch_size=16, epochs=2)


@pytest.fixture
def residual(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a network that somebody else's distribution declares."""
    about = tmp_path / "somebodys-1.0.dist-info"
    about.mkdir()
    (tmp_path / "somebodys_network.py").write_text(RESIDUAL, encoding="utf-8")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: somebodys\nVersion: 1.0\n", encoding="utf-8")
    (about / "entry_points.txt").write_text("[study.vae.networks]\nresidual = somebodys_network\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    return "residual"


def test_somebody_elses_network_is_counted_trained_and_saved(residual: str, tmp_path: Path) -> None:
    config = SMALL.replace(network=residual)
    assert config.key != SMALL.key
    assert config.parameter_count == SMALL.parameter_count + 5 * 5 + 5
    assert registry.distribution_of(networks.DOOR, residual) == ("somebodys", "1.0")
    images: NDArray[np.float32] = np.random.default_rng(1).integers(0, 2, (64, 64)).astype(np.float32)
    trained = train(config, images, (0, 1))
    assert trained.epochs == 2
    assert trained.negative_elbo[1].sum() < trained.negative_elbo[0].sum()
    vae = VAE(config, (0, 1))
    assert not np.array_equal(trained.weights["residual/kernel"], vae.stacked_weights()["residual/kernel"])
    vae.load_stacked(trained.weights)
    z = np.ones((2, 1, 2), np.float32)
    before = np.array(vae.predict(images[:3], verbose=0)["mean"])
    vae.save(tmp_path / "vae.keras")
    copy = load_vae(tmp_path / "vae.keras")
    assert np.array_equal(copy.predict(images[:3], verbose=0)["mean"], before)
    # The path that the dense network has not: without it the images are others.
    decoded = ops.convert_to_numpy(vae.decode_stacked(z))
    vae.load_stacked({**trained.weights, "residual/kernel": 0 * trained.weights["residual/kernel"]})
    assert not np.allclose(decoded, ops.convert_to_numpy(vae.decode_stacked(z)))


def test_without_that_distribution_its_name_is_refused() -> None:
    with pytest.raises(InvalidValue, match=r"^network: expected one of 'dense', received 'residual'"):
        SMALL.replace(network="residual")
