"""Contexts, the VAEs they name, and the Hypothesis strategies over them.

A context names the choices that a claim holds fixed; it becomes a config only when it is given a data set and a scale.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields

from hypothesis import strategies as st

from study.design.grids import BASES, LEVELS, QUICK, SCALES, SEARCH_GRID, kind
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
        choices: ``((name, value), …)``; ``width`` sets both networks, and any other name is a config field.
    """

    choices: tuple[tuple[str, Field], ...]

    @classmethod
    def of(cls, **choices: Field) -> Context:
        """Return the context of some choices, in the order of their names, so that equal ones have one text.

        Raises:
            InvalidValue: No config has such a field, or cannot have that value; the closest fields are named.
        """
        context = cls(tuple(sorted(choices.items())))
        context.config("digits", "quick")
        return context

    def __str__(self) -> str:
        """Return the canonical text, by which observations are keyed."""
        return ", ".join(f"{name}={value}" for name, value in self.choices)

    @classmethod
    def read(cls, text: str) -> Context:
        """Return the context of a canonical text.

        Raises:
            InvalidValue: It is none.
        """
        pairs = [pair.partition("=") for pair in re.split(r", (?=\w+=)", text) if text]
        context = cls(tuple((name, _field(value)) for name, _, value in pairs))
        if str(context) != text:
            raise InvalidValue("context", text, "choices such as 'latent_dim=2, kl_weight=1.0'")
        return context

    @property
    def rank(self) -> tuple[int, ...]:
        """Where each choice stands in the order of :data:`SEARCH_GRID`; what it does not list stands first."""
        return tuple(SEARCH_GRID[n].index(v) if v in SEARCH_GRID.get(n, ()) else 0 for n, v in self.choices)

    def along(self, axis: str, levels: Sequence[Field] | None = None) -> Sweep:
        """Return the sweep of this context along an axis.

        Args:
            axis: A capacity axis, or any config field.
            levels: Its levels, at least two; None for those that :data:`~study.design.grids.LEVELS` lists of the scale.

        Raises:
            InvalidValue: No such axis (the closest ones are named), one that the point sets, or no levels.
        """
        return self.at().along(axis, levels)

    def at(self, **fields: Field) -> Point:
        """Return one VAE of this context, with some config fields set."""
        return Point(self, tuple(sorted(fields.items())))

    def config(self, data: str, scale: str) -> VAEConfig:
        """Return the VAE of this context on a data set, at a scale."""
        if not isinstance(scale, str) or scale not in SCALES:
            raise InvalidValue("scale", scale, "one of " + ", ".join(map(repr, SCALES)))
        if not isinstance(data, str) or data not in SCALES[scale]:
            raise InvalidValue("data", data, f"one of {', '.join(map(repr, SCALES[scale]))} at scale {scale!r}")
        config = VAEConfig(data=data, images=SCALES[scale][data]).replace(**BASES[kind(data)])
        for name, value in self.choices:
            config = placed(config, name, value)
        return config


@dataclass(frozen=True)
class Sweep:
    """The VAEs of one point along one axis.

    Attributes:
        point: The point.
        axis: A capacity axis, or any config field.
        given: Levels that the claim names; None for the listed ones of the scale.
    """

    point: Point
    axis: str
    given: tuple[Field, ...] | None = None

    def __str__(self) -> str:
        """Return the canonical text."""
        return f"{self.point}, along {self.axis}"

    @property
    def context(self) -> Context:
        """The context of its point."""
        return self.point.context

    @property
    def per_doubling(self) -> bool:
        """Whether a fall is per doubling of the level, or else per unit of it."""
        return self.axis not in PER_STEP

    def levels(self, scale: str) -> tuple[Field, ...]:
        """Return the levels of the axis at a scale."""
        return LEVELS[scale][self.axis] if self.given is None else self.given

    def configs(self, data: str, scale: str) -> tuple[VAEConfig, ...]:
        """Return the VAE at each level."""
        base = self.point.config(data, scale)
        return tuple(placed(base, self.axis, level) for level in self.levels(scale))


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

    def along(self, axis: str, levels: Sequence[Field] | None = None) -> Sweep:
        """Return the sweep from this point along an axis: see :meth:`Context.along`."""
        listed, known = tuple(QUICK), tuple(dict.fromkeys((*AXES, *FIELDS)))
        if axis not in known:
            close = difflib.get_close_matches(str(axis), known) or (listed if levels is None else known)
            raise InvalidValue("axis", axis, "one of " + ", ".join(map(repr, close)))
        if axis in dict(self.fields):
            raise InvalidValue("axis", axis, f"one that the point does not set: {self}")
        if levels is None and axis not in listed:
            expected = f"levels of {axis!r}, as only {', '.join(map(repr, listed))} have listed ones"
            raise InvalidValue("levels", levels, expected)
        if levels is not None and not _differ(levels):
            raise InvalidValue("levels", levels, "at least two different levels")
        return Sweep(self, axis, None if levels is None else tuple(levels))


def _differ(levels: object) -> bool:
    """Whether these are two levels or more."""
    try:
        return isinstance(levels, Sequence) and not isinstance(levels, str | bytes) and len(set(levels)) > 1
    except TypeError:  # a level that no field of a config can have
        return False


def _field(text: str) -> Field:
    """Return the value whose text this is."""
    if text == "None":
        return None
    for read in (int, float, _floats):
        with suppress(ValueError):
            return read(text)
    return text


def _floats(text: str) -> tuple[float, ...]:
    return tuple(float(one) for one in text.strip("()").split(",") if one)


def placed(config: VAEConfig, axis: str, level: Field) -> VAEConfig:
    """Return a config at a level of an axis: a capacity axis, or any field of the config.

    Raises:
        InvalidValue: No such axis or field; the closest ones are named.
    """
    if axis not in AXES and axis not in FIELDS:
        known = list(dict.fromkeys([*AXES, *FIELDS]))
        close = difflib.get_close_matches(axis, known, n=3, cutoff=0.5)
        raise InvalidValue("config field", axis, "one of " + ", ".join(map(repr, close or known)))
    return config.replace(**dict.fromkeys(AXES.get(axis, (axis,)), level))


LISTED = (
    Context.of(activation="relu", decoder_depth=1),
    Context.of(activation="tanh", decoder_depth=1),
    Context.of(activation="relu", decoder_depth=2),
)
"""The design of every claim whose file lists no other."""
PLAIN = (Context(()),)
"""The base VAE alone."""


def grid_contexts(grid: Mapping[str, tuple[Field, ...]], contexts: Sequence[Context] = LISTED) -> tuple[Context, ...]:
    """Return some contexts at every cell of a grid, the last choice varying fastest."""
    cells = [tuple(zip(grid, cell, strict=True)) for cell in itertools.product(*grid.values())]
    return tuple(Context(context.choices + cell) for context in contexts for cell in cells)


def search_space(grid: Mapping[str, tuple[Field, ...]] = SEARCH_GRID) -> st.SearchStrategy[Context]:
    """Return a strategy over a grid whose simplest example is its first cell, so that it shrinks toward it.

    Hypothesis shrinks each choice toward the first of its list, and reads them in the grid's order.
    """

    def context(*cell: Field) -> Context:  # named, so that the strategy's text, which is registered, holds no source
        return Context(tuple(zip(grid, cell, strict=True)))

    return st.builds(context, *(st.sampled_from(v) for v in grid.values()))
