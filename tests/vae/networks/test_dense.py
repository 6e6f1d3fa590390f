"""The dense network: its layers by hand, and in the order in which they are computed."""

from __future__ import annotations

import pytest

from study.vae.config import VAEConfig
from study.vae.networks import dense

CONFIG = VAEConfig(latent_dim=3, encoder_width=5, encoder_depth=2, decoder_width=7)


def test_layers_are_those_of_two_perceptrons() -> None:
    assert dense.layers(CONFIG) == {
        "encoder_0": (64, 5, True),
        "encoder_1": (5, 5, True),
        "posterior": (5, 6, False),
        "decoder_0": (3, 7, True),
        "output": (7, 64, False),
    }
    assert dense.layers(CONFIG.replace(encoder_depth=0, decoder_depth=0)) == {
        "posterior": (64, 6, False),
        "output": (3, 64, False),
    }


@pytest.mark.parametrize("depths", [(0, 0), (2, 1), (1, 3)])
def test_every_layer_is_applied_once_and_in_order(depths: tuple[int, int]) -> None:
    config = CONFIG.replace(encoder_depth=depths[0], decoder_depth=depths[1])
    layers = dense.layers(config)
    stack = {name: (lambda seen, name=name: [*seen, name]) for name in layers}
    assert dense.decode(config, stack, dense.encode(config, stack, [])) == list(layers)
