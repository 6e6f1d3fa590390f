"""The contract of a network: what a module behind the door ``study.vae.networks`` must hold.

A third party adds one by an entry point of the group ``study.vae.networks``. No module here imports Keras: configs list
networks and count their parameters where no framework is installed. What needs ``keras.ops`` imports it in a function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from study.runtime import registry

if TYPE_CHECKING:
    from study.vae.config import VAEConfig

DOOR = "study.vae.networks"
Stack = Mapping[str, Callable[[Any], Any]]
"""Layers by name, each of all replicas: ``(replica, batch, in)`` or ``(batch, in)`` to ``(replica, batch, out)``."""


class Layer(NamedTuple):
    """One affine layer of one replica.

    Attributes:
        fan_in: Inputs.
        fan_out: Outputs.
        activated: Whether the config's activation follows.
    """

    fan_in: int
    fan_out: int
    activated: bool


class Network(Protocol):
    """A module that says which layers there are, and how they are put together."""

    def layers(self, config: VAEConfig) -> dict[str, Layer]:
        """Return the layers by name, in the order of computation, which is the order of their initial weights.

        The encoder ends with ``posterior``, affine, 2 · latent outputs: means, then log-variances. The next layer is
        the decoder's first, the only one that sees the latents. The decoder ends with ``output``, one number a pixel.
        """

    def encode(self, config: VAEConfig, stack: Stack, x: Any) -> Any:
        """Map images, ``(batch, feature)`` or ``(replica, batch, feature)``, to ``(replica, batch, 2 · latent)``."""

    def decode(self, config: VAEConfig, stack: Stack, z: Any) -> Any:
        """Map latents ``(replica, batch, latent)`` to the likelihood's parameters ``(replica, batch, feature)``."""


def load(name: str) -> Network:
    """Return a network by its name."""
    return cast(Network, registry.load(DOOR, name))
