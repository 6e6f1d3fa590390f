"""The Gaussian likelihood with one fixed standard deviation, ``gaussian_scale``; the decoder gives means."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from study.types import PIXELS as ALL_PIXELS

if TYPE_CHECKING:
    from study.vae.config import VAEConfig

PIXELS = ALL_PIXELS
VARIABLES: Mapping[str, float] = {}


def log_likelihood(config: VAEConfig, x: Any, output: Any, variables: Mapping[str, Any]) -> Any:
    """Return the log-density, nats per pixel."""
    del variables
    return log_density(x, output, math.log(config.gaussian_scale))


def mean(output: Any) -> Any:
    """Return the decoder's output as it is."""
    return output


def log_density(x: Any, mean: Any, log_scale: Any) -> Any:
    """Return the Gaussian log-density, nats per pixel; ``log_scale`` is the log standard deviation."""
    from keras import ops

    residual = ops.multiply(ops.subtract(x, mean), ops.exp(ops.negative(log_scale)))
    return ops.subtract(ops.multiply(-0.5, ops.square(residual)), ops.add(log_scale, 0.5 * math.log(2 * math.pi)))
