"""The prior U(0, 10) for each latent: z = 10 · Φ(u)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import ndtri

from study.latent.priors._contract import Functions
from study.types import Array

HIGH = 10.0


def forward(u: Any, ops: Functions) -> Any:
    """Return 10 · Φ(u); Φ by the error function, which every backend has."""
    return (0.5 * HIGH) * (1.0 + ops.erf(u / math.sqrt(2.0)))


def inverse(z: Array) -> Array:
    """Return Φ⁻¹(z / 10); infinite at 0 and 10."""
    return np.asarray(ndtri(z / HIGH))
