"""The contract of an intervention: what a module behind the door ``study.vae.interventions`` must hold.

A third party adds one by an entry point of the group ``study.vae.interventions``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, cast

from study.runtime import registry
from study.types import Weights

if TYPE_CHECKING:
    from study.vae.config import VAEConfig

DOOR = "study.vae.interventions"


class Intervention(Protocol):
    """A module that changes trained weights.

    Attributes:
        apply: ``apply(config, weights, **arguments)`` returns the changed weights, and leaves those given as they are.
    """

    apply: Callable[..., Weights]


def intervene(name: str, config: VAEConfig, weights: Weights, **arguments: float | int | str) -> Weights:
    """Apply an intervention by its name.

    Args:
        name: A module of ``study.vae.interventions``, or an entry point of that group.
        config: The VAE.
        weights: Its weights ``{path: (replica, …)}``.
        **arguments: What the intervention takes.

    Returns:
        The changed weights.

    Raises:
        InvalidValue: If there is no such intervention, or it refuses the config or an argument.
    """
    return cast(Intervention, registry.load(DOOR, name)).apply(config, weights, **arguments)
