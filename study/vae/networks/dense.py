"""Two multilayer perceptrons: hidden layers of equal width, then an affine one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from study.types import FEATURES
from study.vae.networks._contract import Layer, Stack

if TYPE_CHECKING:
    from study.vae.config import VAEConfig


def layers(config: VAEConfig) -> dict[str, Layer]:
    """Return ``encoder_0``, …, ``posterior``, ``decoder_0``, …, ``output``."""
    found: dict[str, Layer] = {}
    last = FEATURES[config.data]
    for index in range(config.encoder_depth):
        found[f"encoder_{index}"] = Layer(last, config.encoder_width, activated=True)
        last = config.encoder_width
    found["posterior"] = Layer(last, 2 * config.latent_dim, activated=False)
    last = config.latent_dim
    for index in range(config.decoder_depth):
        found[f"decoder_{index}"] = Layer(last, config.decoder_width, activated=True)
        last = config.decoder_width
    found["output"] = Layer(last, FEATURES[config.data], activated=False)
    return found


def encode(config: VAEConfig, stack: Stack, x: Any) -> Any:
    """Apply the encoder's layers in turn."""
    for index in range(config.encoder_depth):
        x = stack[f"encoder_{index}"](x)
    return stack["posterior"](x)


def decode(config: VAEConfig, stack: Stack, z: Any) -> Any:
    """Apply the decoder's layers in turn."""
    for index in range(config.decoder_depth):
        z = stack[f"decoder_{index}"](z)
    return stack["output"](z)
