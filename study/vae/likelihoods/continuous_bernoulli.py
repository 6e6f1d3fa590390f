"""The continuous Bernoulli likelihood of pixels in [0, 1]; the decoder gives logits.

Source: Loaiza-Ganem and Cunningham, "The continuous Bernoulli", 2019.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from study.types import PIXELS as ALL_PIXELS
from study.vae.likelihoods.bernoulli import log_mass

if TYPE_CHECKING:
    from study.vae.config import VAEConfig

PIXELS = ALL_PIXELS
VARIABLES: Mapping[str, float] = {}
LOGIT_BOUND = 12.0
"""Logits are squashed smoothly into ±12: on constant pixels the density is unbounded."""


def log_likelihood(config: VAEConfig, x: Any, output: Any, variables: Mapping[str, Any]) -> Any:
    """Return the log-density of pixels in [0, 1], nats per pixel.

    The normaliser is C = l / tanh(l / 2) in terms of the logit l (equation 4).
    """
    from keras import ops

    del config, variables
    logits = bounded_logits(output)
    small = ops.less(ops.abs(logits), 0.05)
    # Both branches must be finite, or the gradient of the branch not taken is NaN.
    safe = ops.where(small, ops.ones_like(logits), logits)
    exact = ops.log(ops.divide(safe, ops.tanh(ops.multiply(safe, 0.5))))
    series = ops.add(math.log(2.0), ops.divide(ops.square(logits), 12.0))
    return ops.add(log_mass(x, logits), ops.where(small, series, exact))


def mean(output: Any) -> Any:
    """Return the mean: 1 / (1 − e^(−l)) − 1 / l (equation 8)."""
    from keras import ops

    logits = bounded_logits(output)
    small = ops.less(ops.abs(logits), 0.05)
    safe = ops.where(small, ops.ones_like(logits), logits)
    exact = ops.subtract(ops.divide(1.0, ops.subtract(1.0, ops.exp(ops.negative(safe)))), ops.divide(1.0, safe))
    return ops.where(small, ops.add(0.5, ops.divide(logits, 12.0)), exact)


def bounded_logits(logits: Any) -> Any:
    """Squash logits into ±:data:`LOGIT_BOUND`, with slope 1 at zero."""
    from keras import ops

    return ops.multiply(LOGIT_BOUND, ops.tanh(ops.divide(logits, LOGIT_BOUND)))
