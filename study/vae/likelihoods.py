"""Likelihoods of an image given the decoder's output, with every constant kept (true nats).

Each function maps images ``(…, feature)`` and outputs ``(…, feature)`` to log p(x|z) per pixel in
nats; the sum over the last axis is the log-likelihood of an image.
"""

from __future__ import annotations

import math
from typing import Any

from keras import ops

LOGIT_BOUND = 12.0
"""Continuous Bernoulli logits are squashed smoothly into ±12: on constant pixels its density is unbounded."""


def bernoulli(x: Any, logits: Any) -> Any:
    """Bernoulli log-likelihood of binary pixels, nats per pixel."""
    return ops.subtract(ops.multiply(x, logits), ops.softplus(logits))


def bounded_logits(logits: Any) -> Any:
    """Squash logits into ±:data:`LOGIT_BOUND`, with slope 1 at zero."""
    return ops.multiply(LOGIT_BOUND, ops.tanh(ops.divide(logits, LOGIT_BOUND)))


def continuous_bernoulli(x: Any, logits: Any) -> Any:
    """Continuous Bernoulli log-density of pixels in [0, 1], nats per pixel.

    The normaliser is C = l / tanh(l / 2) in terms of the logit l.

    Source: Loaiza-Ganem and Cunningham, "The continuous Bernoulli", 2019, equation 4.
    """
    logits = bounded_logits(logits)
    small = ops.less(ops.abs(logits), 0.05)
    # Both branches must be finite, or the gradient of the branch not taken is NaN.
    safe = ops.where(small, ops.ones_like(logits), logits)
    exact = ops.log(ops.divide(safe, ops.tanh(ops.multiply(safe, 0.5))))
    series = ops.add(math.log(2.0), ops.divide(ops.square(logits), 12.0))
    return ops.add(bernoulli(x, logits), ops.where(small, series, exact))


def continuous_bernoulli_mean(logits: Any) -> Any:
    """Mean of the continuous Bernoulli: 1 / (1 − e^(−l)) − 1 / l.

    Source: Loaiza-Ganem and Cunningham, 2019, equation 8.
    """
    logits = bounded_logits(logits)
    small = ops.less(ops.abs(logits), 0.05)
    safe = ops.where(small, ops.ones_like(logits), logits)
    exact = ops.subtract(ops.divide(1.0, ops.subtract(1.0, ops.exp(ops.negative(safe)))), ops.divide(1.0, safe))
    return ops.where(small, ops.add(0.5, ops.divide(logits, 12.0)), exact)


def gaussian(x: Any, mean: Any, log_scale: Any) -> Any:
    """Gaussian log-density, nats per pixel; ``log_scale`` is the log standard deviation."""
    residual = ops.multiply(ops.subtract(x, mean), ops.exp(ops.negative(log_scale)))
    return ops.subtract(ops.multiply(-0.5, ops.square(residual)), ops.add(log_scale, 0.5 * math.log(2 * math.pi)))
