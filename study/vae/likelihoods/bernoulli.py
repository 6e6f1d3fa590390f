"""The Bernoulli likelihood of binary pixels; the decoder gives logits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from study.vae.config import VAEConfig

PIXELS = ("binarised", "redrawn")
VARIABLES: Mapping[str, float] = {}


def log_likelihood(config: VAEConfig, x: Any, output: Any, variables: Mapping[str, Any]) -> Any:
    """Return the log-probability of binary pixels, nats per pixel."""
    del config, variables
    return log_mass(x, output)


def mean(output: Any) -> Any:
    """Return the probability of a white pixel."""
    from keras import ops

    return ops.sigmoid(output)


def log_mass(x: Any, logits: Any) -> Any:
    """Return x · logit − log(1 + e^logit)."""
    from keras import ops

    return ops.subtract(ops.multiply(x, logits), ops.softplus(logits))
