"""The prior N(0, I): the bijection is the identity."""

from __future__ import annotations

from typing import Any

from study.latent.priors._contract import Functions
from study.types import Array


def forward(u: Any, ops: Functions) -> Any:
    """Return the latents themselves, untouched."""
    del ops
    return u


def inverse(z: Array) -> Array:
    """Return the latents themselves, untouched."""
    return z
