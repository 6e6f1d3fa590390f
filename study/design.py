"""Claims, the listed contexts they are judged in, and the Hypothesis strategies over them.

A context names the choices that a claim holds fixed; it becomes a config only when the lab gives it
a data set and a scale. The contexts of a claim are drawn once over a finite grid, by a seed hashed
from the claim's id and the look: they do not depend on Hypothesis, on a test's source, or on what
else runs.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from study.config import AXES, VAEConfig
from study.errors import InvalidValue
from study.seeds import generator

SCALES: Mapping[str, Mapping[str, int | None]] = {
    "quick": {"digits": None},
    "standard": {"digits": None, "mnist": 10_000},
    "full": {"mnist": None, "fashion_mnist": None},
}
"""Data sets of each scale, with the number of training images (None: all)."""

BASES: Mapping[str, Mapping[str, Any]] = {
    "digits": {
        "latent_dim": 2, "encoder_width": 32, "decoder_width": 32, "encoder_depth": 1, "decoder_depth": 1,
        "learning_rate": 5e-3, "batch_size": 128, "window_epochs": 50, "max_epochs": 1500, "tolerance": 0.1,
    },
    "mnist": {
        "latent_dim": 2, "encoder_width": 128, "decoder_width": 128, "encoder_depth": 1, "decoder_depth": 1,
        "learning_rate": 2e-3, "batch_size": 128, "window_epochs": 10, "max_epochs": 200, "tolerance": 0.25,
    },
}  # fmt: skip
"""The VAE from which every axis starts, per kind of image.

It has two latents, as the asker's had; and with few held-out images the bracket of the marginal KL is
narrower than an effect at low rates only.
"""

LEVELS: Mapping[str, Mapping[str, tuple[int, ...]]] = {
    "digits": {
        "encoder_width": (8, 16, 32, 64), "encoder_depth": (1, 2, 3, 4), "width": (8, 16, 32, 64),
        "latent_dim": (2, 4, 8, 16),
    },
    "mnist": {
        "encoder_width": (32, 64, 128, 256), "encoder_depth": (1, 2, 3, 4), "width": (32, 64, 128, 256),
        "latent_dim": (2, 4, 8, 16),
    },
}  # fmt: skip
"""Levels of each capacity axis, per kind of image; the number of images is the same at every level."""

DESIGNS = "vae-claims-1"
"""Seed root of the designs: they were drawn once, and fresh seeds do not redraw them."""

TRAINING_GRID: Mapping[str, tuple[Any, ...]] = {
    "kl_weight": (0.5, 1.0, 2.0),
    "activation": ("relu", "tanh"),
    "pixels": ("binarised", "redrawn"),
}
"""What the contexts of a claim about an axis range over."""

VAE_GRID: Mapping[str, tuple[Any, ...]] = {
    **TRAINING_GRID,
    "at": tuple(f"{axis}[{level}]" for axis in LEVELS["digits"] for level in range(4)),
}
"""What a claim about "every VAE" ranges over: each training setting at each level of each axis."""

SEARCH_GRID: Mapping[str, tuple[Any, ...]] = {
    "latent_dim": (1, 2, 4, 8),
    "width": (8, 16, 32),
    "kl_weight": (1.0, 2.0, 0.5, 4.0, 0.25, 0.125),
}
"""Where a counterexample is looked for, each choice ordered from small (or plain) to large (or far from plain)."""


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


@dataclass(frozen=True)
class Estimand:
    """What one parametrisation of a claim is about: estimand ≥ threshold.

    Attributes:
        threshold: Fixed before the data are seen; never moved.
        unit: Unit of estimand and threshold.
        predicted: Predicted verdict, or ``""`` where the claim makes no prediction (exploratory).
        overturned: An earlier prediction that evidence overturned, when and where; it stays readable.
        hindsight_on: The seed root on whose evidence the prediction, or how it is tested, was last set: there it
            would be hindsight.
    """

    threshold: float
    unit: str
    predicted: str = ""
    overturned: str = ""
    hindsight_on: str = ""

    def prediction(self, root: str) -> str:
        """Return what is predicted for a run on a seed root: nothing on the one whose evidence set the prediction."""
        return "" if root == self.hindsight_on else self.predicted


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One claim of the discussion.

    Attributes:
        id: Its id; the test is ``claims/test_<id>.py``.
        statement: What is claimed, in a sentence.
        source: Who says so.
        parameters: The declared parametrisations: every combination is a row of its own, and their
            number is what the error budget is divided by, whichever of them are run.
        estimand: Parameters, by name, → threshold, unit and prediction.
        kind: ``mean`` (of the design's contexts) or ``universal`` (each of them).
        grid: What the contexts range over.
        size: How many contexts are drawn.
        search: The universal form, "for every VAE", that a search tries to refute; None without one.
    """

    id: str
    statement: str
    source: str
    parameters: Mapping[str, Sequence[str]]
    estimand: Callable[..., Estimand]
    kind: str = "mean"
    grid: Mapping[str, tuple[Any, ...]] = field(default_factory=lambda: TRAINING_GRID)
    size: int = 3
    search: Estimand | None = None

    @property
    def declared(self) -> int:
        """Number of declared rows: the parametrisations, and the search."""
        return math.prod(map(len, self.parameters.values())) + (self.search is not None)

    @cached_property
    def design(self) -> tuple[Context, ...]:
        """The contexts, drawn without replacement by a seed hashed from the claim's id and the look.

        Every look of a claim uses these contexts, and so does every seed root: a further look buys replicas, and a
        replication fresh seeds, neither other contexts.
        """
        cells = grid_contexts(self.grid)
        if not 1 <= self.size <= len(cells):
            raise InvalidValue("size", self.size, f"a number of contexts from 1 to {len(cells)}")
        drawn = generator("design", self.id, "look 1", root=DESIGNS).choice(len(cells), self.size, replace=False)
        contexts = tuple(cells[i] for i in sorted(drawn))
        return tuple(Context(context.choices, contexts) for context in contexts)

    def contexts(self) -> st.SearchStrategy[Context]:
        """Return a strategy over the design; it is finite, so that Hypothesis visits all of it."""
        return st.sampled_from(self.design)


def kind(data: str) -> str:
    """Return which entry of :data:`BASES` and :data:`LEVELS` a data set uses."""
    return "digits" if data == "digits" else "mnist"


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


def load_profile() -> str:
    """Register and load the study's Hypothesis profile; return its name.

    Designs are finite, so Hypothesis visits every context and stops. Nothing may depend on the
    machine's speed, on chance, or on an earlier run.
    """
    settings.register_profile(
        "study", max_examples=200, deadline=None, derandomize=True, database=None, report_multiple_bugs=False
    )
    settings.load_profile("study")
    return "study"
