"""The contract of a likelihood: what a module behind the door ``study.vae.likelihoods`` must hold.

A third party adds one by an entry point of the group ``study.vae.likelihoods``. Modules import Keras in functions only:
configs look at :attr:`Likelihood.PIXELS` where no framework is installed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, cast

from study.runtime import registry

if TYPE_CHECKING:
    from study.vae.config import VAEConfig

DOOR = "study.vae.likelihoods"


class Likelihood(Protocol):
    """A module with a density of pixels and its mean.

    Attributes:
        PIXELS: Treatments of pixels that it is a density of, of :data:`study.types.PIXELS`.
        VARIABLES: Further trainable variables, one number a pixel, ``(replica, 1, feature)``: initial values by name.
    """

    PIXELS: tuple[str, ...]
    VARIABLES: Mapping[str, float]

    def log_likelihood(self, config: VAEConfig, x: Any, output: Any, variables: Mapping[str, Any]) -> Any:
        """Return log p(x|z) in nats, every constant kept, ``(…, feature)``.

        Args:
            config: The VAE.
            x: Images ``(…, feature)``.
            output: The decoder's output ``(…, feature)``.
            variables: The variables of :attr:`VARIABLES`.
        """

    def mean(self, output: Any) -> Any:
        """Return the mean image E[x|z] ``(…, feature)``."""


def load(name: str) -> Likelihood:
    """Return a likelihood by its name."""
    return cast(Likelihood, registry.load(DOOR, name))
