"""The contract of a prior: what a module behind the door ``study.latent.priors`` must hold.

With z = forward(u) and u ~ N(0, I) the KL of q(u|x) to N(0, I) is that of q(z|x) to the prior. So encoder, KL and
samplers live in u, and the decoder alone sees z. A third party adds a prior by an entry point of that group.
"""

from __future__ import annotations

from typing import Any, Protocol, cast

from study.runtime import registry
from study.types import Array

DOOR = "study.latent.priors"


class Functions(Protocol):
    """What a prior may compute with, besides operators: ``keras.ops`` for tensors, ``scipy.special`` for arrays."""

    def erf(self, x: Any, /) -> Any:
        """Return the error function."""


class Prior(Protocol):
    """A module with a bijection, applied to each coordinate or to the last axis, and its inverse."""

    def forward(self, u: Any, ops: Functions) -> Any:
        """Map standard normal latents ``(…, latent)`` to latents of the prior ``(…, latent)``."""

    def inverse(self, z: Array) -> Array:
        """Map latents of the prior ``(…, latent)`` back to standard normal ones ``(…, latent)``."""


def load(name: str) -> Prior:
    """Return a prior by its name."""
    return cast(Prior, registry.load(DOOR, name))
