"""Contexts, the VAEs they name, and the Hypothesis strategies over them.

A context names the choices that a claim holds fixed; it becomes a config only when it is given a data set and a scale.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from hypothesis import strategies as st

from study.design.grids import BASES, LEVELS, SCALES, SEARCH_GRID, kind
from study.errors import InvalidValue
from study.types import Field
from study.vae.config import AXES, VAEConfig

FIELDS = tuple(field.name for field in fields(VAEConfig))
PER_STEP = ("encoder_depth", "decoder_depth")
"""Axes along which a fall is per added layer, not per doubling."""


@dataclass(frozen=True)
class Context:
    """The choices that a claim holds fixed.

    Attributes:
        choices: ``((name, value), …)``; the name ``at`` is a place on an axis, ``"latent_dim[0]"``,
            ``width`` sets both networks, and any other name is a config field.
    """

    choices: tuple[tuple[str, Field], ...]

    def __str__(self) -> str:
        """Return the canonical text, by which observations are keyed."""
        return ", ".join(f"{name}={value}" for name, value in self.choices)

    @property
    def rank(self) -> tuple[int, ...]:
        """Where each choice stands in the order of :data:`SEARCH_GRID`; what it does not list stands first."""
        return tuple(SEARCH_GRID[n].index(v) if v in SEARCH_GRID.get(n, ()) else 0 for n, v in self.choices)

    def along(self, axis: str, levels: Sequence[Field] | None = None) -> Sweep:
        """Return the sweep of this context along an axis.

        Args:
            axis: A capacity axis, or any config field.
            levels: Its levels, at least two; None for those that :data:`~study.design.grids.LEVELS` lists.

        Raises:
            InvalidValue: No such axis (the closest ones are named), or no levels.
        """
        listed, known = tuple(LEVELS["digits"]), tuple(dict.fromkeys((*AXES, *FIELDS)))
        if axis not in known:
            close = difflib.get_close_matches(str(axis), known) or (listed if levels is None else known)
            raise InvalidValue("axis", axis, "one of " + ", ".join(map(repr, close)))
        if levels is None and axis not in listed:
            expected = f"levels of {axis!r}, as only {', '.join(map(repr, listed))} have listed ones"
            raise InvalidValue("levels", levels, expected)
        if levels is not None and len(set(levels)) < 2:
            raise InvalidValue("levels", levels, "at least two different levels")
        return Sweep(self, axis, None if levels is None else tuple(levels))

    def at(self, **fields: Field) -> Point:
        """Return one VAE of this context, with some config fields set."""
        return Point(self, tuple(sorted(fields.items())))

    def config(self, data: str, scale: str) -> VAEConfig:
        """Return the VAE of this context on a data set, at a scale."""
        if scale not in SCALES:
            raise InvalidValue("scale", scale, "one of " + ", ".join(map(repr, SCALES)))
        if data not in SCALES[scale]:
            raise InvalidValue("data", data, f"one of {', '.join(map(repr, SCALES[scale]))} at scale {scale!r}")
        config = VAEConfig(data=data, images=SCALES[scale][data]).replace(**BASES[kind(data)])
        for name, value in self.choices:
            if name == "at":
                axis, index = str(value).rstrip("]").split("[")
                name, value = axis, LEVELS[kind(data)][axis][int(index)]
            config = placed(config, name, value)
        return config


@dataclass(frozen=True)
class Sweep:
    """The VAEs of one context along one axis.

    Attributes:
        context: The context.
        axis: A capacity axis, or any config field.
        given: Levels that the claim names; None for the listed ones of the data set.
    """

    context: Context
    axis: str
    given: tuple[Field, ...] | None = None

    def __str__(self) -> str:
        """Return the canonical text."""
        return f"{self.context}, along {self.axis}"

    @property
    def per_doubling(self) -> bool:
        """Whether a fall is per doubling of the level, or else per unit of it."""
        return self.axis not in PER_STEP

    def levels(self, data: str) -> tuple[Field, ...]:
        """Return the levels of the axis on a data set."""
        return LEVELS[kind(data)][self.axis] if self.given is None else self.given

    def configs(self, data: str, scale: str) -> tuple[VAEConfig, ...]:
        """Return the VAE at each level."""
        base = self.context.config(data, scale)
        return tuple(placed(base, self.axis, level) for level in self.levels(data))


@dataclass(frozen=True)
class Point:
    """One VAE of one context, with some config fields set."""

    context: Context
    fields: tuple[tuple[str, Field], ...] = ()

    def __str__(self) -> str:
        """Return the canonical text."""
        return ", ".join([str(self.context), *(f"{name}={value}" for name, value in self.fields)])

    def config(self, data: str, scale: str) -> VAEConfig:
        """Return its config."""
        config = self.context.config(data, scale)
        for name, value in self.fields:
            config = placed(config, name, value)
        return config


def placed(config: VAEConfig, axis: str, level: Field) -> VAEConfig:
    """Return a config at a level of an axis: a capacity axis, or any field of the config.

    Raises:
        InvalidValue: No such axis or field; the closest ones are named.
    """
    if axis not in AXES and axis not in FIELDS:
        known = (*AXES, *FIELDS)
        close = difflib.get_close_matches(axis, known, n=3, cutoff=0.5)
        raise InvalidValue("config field", axis, "one of " + ", ".join(map(repr, close or known)))
    return config.replace(**dict.fromkeys(AXES.get(axis, (axis,)), level))


def grid_contexts(grid: Mapping[str, tuple[Field, ...]]) -> list[Context]:
    """Return every cell of a grid as a context, the last choice varying fastest."""
    return [Context(tuple(zip(grid, cell, strict=True))) for cell in itertools.product(*grid.values())]


def search_space(grid: Mapping[str, tuple[Field, ...]] = SEARCH_GRID) -> st.SearchStrategy[Context]:
    """Return a strategy over a grid whose simplest example is its first cell, so that it shrinks toward it.

    Hypothesis shrinks each choice toward the first of its list, and reads them in the grid's order.
    """

    def context(*cell: Field) -> Context:  # named, so that the strategy's text, which is registered, holds no source
        return Context(tuple(zip(grid, cell, strict=True)))

    return st.builds(context, *(st.sampled_from(v) for v in grid.values()))
