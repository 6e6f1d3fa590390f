"""Contexts, the VAEs they name, and the Hypothesis strategies over them.

A context names the choices that a claim holds fixed; it becomes a config only when it is given a data set and a scale.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from study.design.grids import BASES, LEVELS, SCALES, SEARCH_GRID, kind
from study.errors import InvalidValue
from study.vae.config import AXES, VAEConfig


@dataclass(frozen=True)
class Context:
    """The choices that a claim holds fixed.

    Attributes:
        choices: ``((name, value), …)``; the name ``at`` is a place on an axis, ``"latent_dim[0]"``,
            ``width`` sets both networks, and any other name is a config field.
        design: All contexts of the design it belongs to; the lab trains them together.
    """

    choices: tuple[tuple[str, Any], ...]
    design: tuple[Context, ...] = field(default=(), compare=False, repr=False)

    def __str__(self) -> str:
        """Return the canonical text, by which observations are keyed."""
        return ", ".join(f"{name}={value}" for name, value in self.choices)

    @property
    def rank(self) -> tuple[int, ...]:
        """Where each choice stands in the order of :data:`SEARCH_GRID`; what it does not list stands first."""
        return tuple(SEARCH_GRID[n].index(v) if v in SEARCH_GRID.get(n, ()) else 0 for n, v in self.choices)

    def along(self, axis: str) -> Sweep:
        """Return the sweep of this context along a capacity axis."""
        if axis not in LEVELS["digits"]:
            raise InvalidValue("axis", axis, "one of " + ", ".join(map(repr, LEVELS["digits"])))
        return Sweep(self, axis)

    def at(self, **fields: Any) -> Point:
        """Return one VAE of this context, with some config fields set."""
        return Point(self, tuple(sorted(fields.items())))

    def siblings(self) -> tuple[Context, ...]:
        """Return the contexts of the design, this one first."""
        return (self, *(context for context in self.design if context != self))

    def config(self, data: str, scale: str) -> VAEConfig:
        """Return the VAE of this context on a data set, at a scale."""
        if scale not in SCALES:
            raise InvalidValue("scale", scale, "one of " + ", ".join(map(repr, SCALES)))
        if data not in SCALES[scale]:
            raise InvalidValue("data", data, f"one of {', '.join(map(repr, SCALES[scale]))} at scale {scale!r}")
        config = VAEConfig(data=data, images=SCALES[scale][data], **BASES[kind(data)])
        for name, value in self.choices:
            if name == "at":
                axis, index = value.rstrip("]").split("[")
                config = config.along(axis, LEVELS[kind(data)][axis][int(index)])
            else:
                config = config.along(name, value) if name in AXES else config.replace(**{name: value})
        return config


@dataclass(frozen=True)
class Sweep:
    """The VAEs of one context along one axis."""

    context: Context
    axis: str

    def siblings(self) -> tuple[Sweep, ...]:
        """Return the same sweep in every context of the design, this one first."""
        return tuple(Sweep(context, self.axis) for context in self.context.siblings())

    def levels(self, data: str) -> tuple[int, ...]:
        """Return the levels of the axis on a data set."""
        return LEVELS[kind(data)][self.axis]

    def configs(self, data: str, scale: str) -> tuple[VAEConfig, ...]:
        """Return the VAE at each level."""
        base = self.context.config(data, scale)
        return tuple(base.along(self.axis, level) for level in self.levels(data))


@dataclass(frozen=True)
class Point:
    """One VAE of one context."""

    context: Context
    fields: tuple[tuple[str, Any], ...] = ()

    def siblings(self) -> tuple[Point, ...]:
        """Return the same point in every context of the design, this one first."""
        return tuple(Point(context, self.fields) for context in self.context.siblings())

    def configs(self, data: str, scale: str) -> tuple[VAEConfig, ...]:
        """Return its config, alone."""
        return (self.context.config(data, scale).replace(**dict(self.fields)),)


def grid_contexts(grid: Mapping[str, tuple[Any, ...]]) -> list[Context]:
    """Return every cell of a grid as a context, the last choice varying fastest."""
    return [Context(tuple(zip(grid, cell, strict=True))) for cell in itertools.product(*grid.values())]


def search_space(grid: Mapping[str, tuple[Any, ...]] = SEARCH_GRID) -> st.SearchStrategy[Context]:
    """Return a strategy over a grid whose simplest example is its first cell, so that it shrinks toward it.

    Hypothesis shrinks each choice toward the first of its list, and reads them in the grid's order.
    """
    return st.builds(
        lambda *cell: Context(tuple(zip(grid, cell, strict=True))), *(st.sampled_from(v) for v in grid.values())
    )
