"""The contract of an intervention: what a module behind the door ``study.vae.interventions`` must hold.

A third party adds one by an entry point of the group ``study.vae.interventions``.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol, cast

from study.errors import InvalidValue
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


def check_arguments(name: str, arguments: Mapping[str, float | int | str]) -> None:
    """Refuse an intervention that there is not, or arguments that it does not take, before anything is trained.

    Args:
        name: A module of ``study.vae.interventions``, or an entry point of that group.
        arguments: What it would be given.

    Raises:
        InvalidValue: There is no such intervention or argument (the closest ones are named), or one is lacking.
    """
    signature = inspect.signature(cast(Intervention, registry.load(DOOR, name)).apply)
    parameters = list(signature.parameters.values())[2:]  # after the config and the weights
    known = {p.name: p.default is p.empty for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)}
    for given in () if any(p.kind is p.VAR_KEYWORD for p in parameters) else arguments.keys() - known.keys():
        close = difflib.get_close_matches(given, known) or known
        raise InvalidValue(f"argument of {name}", given, " or ".join(map(repr, close)) or "no argument")
    if lacking := [argument for argument, needed in known.items() if needed and argument not in arguments]:
        raise InvalidValue(name, dict(arguments), "the argument " + " and ".join(map(repr, lacking)))
