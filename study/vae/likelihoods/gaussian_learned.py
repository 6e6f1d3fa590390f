"""The Gaussian likelihood with a learned standard deviation for each pixel, ``gaussian_scale`` at least."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from study.types import PIXELS as ALL_PIXELS
from study.vae.likelihoods.gaussian import log_density, mean

if TYPE_CHECKING:
    from study.vae.config import VAEConfig

__all__ = ["PIXELS", "VARIABLES", "log_likelihood", "mean"]

PIXELS = ALL_PIXELS
VARIABLES: Mapping[str, float] = {"pixel_scale": -1.0}
"""The standard deviation above its floor, before softplus."""


def log_likelihood(config: VAEConfig, x: Any, output: Any, variables: Mapping[str, Any]) -> Any:
    """Return the log-density, nats per pixel."""
    from keras import ops

    scale = ops.add(config.gaussian_scale, ops.softplus(variables["pixel_scale"]))
    return log_density(x, output, ops.log(scale))
