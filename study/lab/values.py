"""Lazy values: numbers per replica that nobody has yet, and the arithmetic of them.

A claim's body names values and observes them; nothing trains while it runs. The expression that it builds is the
estimand at any number of replicas. A body may not look at a value: whatever would need the number is refused.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from study.design import trends
from study.design.contexts import Context
from study.errors import InvalidValue, StudyError
from study.measures.registry import Measure
from study.types import Array

Number = int | float
Place = Context | str


class NoValueYet(StudyError, TypeError):
    """A body looked at a value that nobody has yet."""


@dataclass(frozen=True, eq=False)
class Observed:
    """The numbers of a value.

    Attributes:
        replicas: Replica indices, ``(replica,)``.
        low: Lower ends of the brackets, ``(replica,)``.
        high: Upper ends, ``(replica,)``; equal to ``low`` where the value is exact.
        converged: Whether every VAE behind a number had converged, ``(replica,)``.
        applicable: Whether the claim says anything about a replica, ``(replica,)``.
    """

    replicas: NDArray[np.int64]
    low: Array
    high: Array
    converged: NDArray[np.bool_]
    applicable: NDArray[np.bool_]


class Trial(Protocol):
    """What is measured: a VAE of the study, or somebody's subject; hashable, and named by its text."""

    def __hash__(self) -> int: ...


Read = Callable[[Trial, Measure], Observed]
"""What evaluates the leaves of an expression."""


class Value:
    """A number per replica that nobody has yet; it knows sums, differences, products, ratios and minima.

    Attributes:
        context: The context that it is of, or the id of a live subject; None for a plain number.
    """

    __array_ufunc__ = None  # so that `np.float64(2) - value` stays lazy
    context: Place | None

    def leaves(self) -> Iterator[tuple[Trial, Measure]]:
        """Return what must be measured for it."""
        raise NotImplementedError

    def evaluate(self, read: Read) -> Observed:
        """Return its numbers, given those of its leaves."""
        raise NotImplementedError

    def where(self, other: Value, at_least: Number) -> Value:
        """Restrict the claim to replicas for which another value is at least so large."""
        condition = _checked("where", other)
        _one_context("where", (self, condition))
        return Where(self, condition, float(_number("at_least", at_least)))

    def __add__(self, other: Value | Number) -> Value:
        return _combine("add", self, other)

    def __radd__(self, other: Number) -> Value:
        return _combine("add", other, self)

    def __sub__(self, other: Value | Number) -> Value:
        return _combine("subtract", self, other)

    def __rsub__(self, other: Number) -> Value:
        return _combine("subtract", other, self)

    def __mul__(self, other: Value | Number) -> Value:
        return _combine("multiply", self, other)

    def __rmul__(self, other: Number) -> Value:
        return _combine("multiply", other, self)

    def __truediv__(self, other: Value | Number) -> Value:
        return _combine("divide", self, other)

    def __rtruediv__(self, other: Number) -> Value:
        return _combine("divide", other, self)

    def __neg__(self) -> Value:
        return _combine("subtract", 0.0, self)

    def _refuse(self, *_: object, **__: object) -> NoValueYet:
        name = str(self)
        short = name.partition("(")[0] + "(…)" if "(" in name else name
        raise NoValueYet(f"{short} has no value yet: observe it, or use .where({short.partition('(')[0]}, at_least=2)")

    __bool__ = __float__ = __int__ = __index__ = __iter__ = __len__ = __format__ = __array__ = _refuse  # type: ignore[assignment]
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = __round__ = __abs__ = _refuse  # type: ignore[assignment]
    __contains__ = __getitem__ = __complex__ = _refuse
    __hash__ = object.__hash__


@dataclass(frozen=True, eq=False, repr=False)
class Measured(Value):
    """A measure of one trial."""

    trial: Trial
    measure: Measure
    context: Place

    def __str__(self) -> str:
        """Return the canonical text, e.g. ``coverage(sampler='prior' of kl_weight=1.0, latent_dim=2)``."""
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.measure.arguments)
        return f"{self.measure.name}({arguments + ' ' if arguments else ''}of {self.trial})"

    def leaves(self) -> Iterator[tuple[Trial, Measure]]:
        """Return itself."""
        yield self.trial, self.measure

    def evaluate(self, read: Read) -> Observed:
        """Return its numbers."""
        return read(self.trial, self.measure)


@dataclass(frozen=True, eq=False, repr=False)
class Constant(Value):
    """A plain number."""

    number: float
    context: Place | None = None

    def __str__(self) -> str:
        """Return the number."""
        return repr(self.number)

    def leaves(self) -> Iterator[tuple[Trial, Measure]]:
        """Return nothing: it needs no measuring."""
        yield from ()


@dataclass(frozen=True, eq=False, repr=False)
class Combined(Value):
    """Arithmetic of several values, on brackets: the ends between which the result lies."""

    name: str
    parts: tuple[Value, ...]
    context: Place | None

    def __str__(self) -> str:
        """Return the canonical text."""
        return f"{self.name}({', '.join(map(str, self.parts))})"

    def leaves(self) -> Iterator[tuple[Trial, Measure]]:
        """Return those of its parts."""
        for part in self.parts:
            yield from part.leaves()

    def evaluate(self, read: Read) -> Observed:
        """Return its numbers."""
        known = [None if isinstance(part, Constant) else part.evaluate(read) for part in self.parts]
        first = next(one for one in known if one is not None)
        ends = [
            (one.low, one.high) if one is not None else (np.full(first.low.shape, float(str(part))),) * 2
            for part, one in zip(self.parts, known, strict=True)
        ]
        low, high = INTERVALS[self.name](ends)
        measured = [one for one in known if one is not None]
        return replace(
            first,
            low=low,
            high=high,
            converged=reduce(operator.and_, (one.converged for one in measured)),
            applicable=reduce(operator.and_, (one.applicable for one in measured)),
        )


@dataclass(frozen=True, eq=False, repr=False)
class Fall(Value):
    """By how much a value falls along a sweep: per doubling, or per added step; a bracket gives a bracketed fall."""

    values: tuple[Value, ...]
    levels: tuple[float, ...]
    log2: bool
    context: Place | None

    def __str__(self) -> str:
        """Return the canonical text."""
        per = "doubling" if self.log2 else "step"
        return f"fall(per {per} of {self.levels}: {', '.join(map(str, self.values))})"

    def leaves(self) -> Iterator[tuple[Trial, Measure]]:
        """Return those of its levels."""
        for value in self.values:
            yield from value.leaves()

    def evaluate(self, read: Read) -> Observed:
        """Return its numbers: the least-squares slope over the levels, negated."""
        known = [value.evaluate(read) for value in self.values]
        low, high = trends.bracketed_fall(
            self.levels, np.stack([one.low for one in known]), np.stack([one.high for one in known]), log2=self.log2
        )
        return replace(
            known[0],
            low=low,
            high=high,
            converged=np.all([one.converged for one in known], axis=0),
            applicable=np.all([one.applicable for one in known], axis=0),
        )


@dataclass(frozen=True, eq=False, repr=False)
class Where(Value):
    """A value, restricted to replicas for which another one is large enough."""

    value: Value
    condition: Value
    at_least: float

    @property
    def context(self) -> Place | None:  # type: ignore[override]
        """The context of the value."""
        return self.value.context

    def __str__(self) -> str:
        """Return the canonical text."""
        return f"where({self.value!s}, {self.condition!s} >= {self.at_least!r})"

    def leaves(self) -> Iterator[tuple[Trial, Measure]]:
        """Return those of the value and of the condition."""
        yield from self.value.leaves()
        yield from self.condition.leaves()

    def evaluate(self, read: Read) -> Observed:
        """Return the value's numbers, applicable where the condition's lower end is large enough."""
        value, condition = self.value.evaluate(read), self.condition.evaluate(read)
        return replace(
            value,
            converged=value.converged & condition.converged,
            applicable=value.applicable & condition.applicable & (condition.low >= self.at_least),
        )


Ends = Sequence[tuple[Array, Array]]


def minimum(*values: Value | Number) -> Value:
    """Return the least of several values, replica by replica."""
    if not any(isinstance(value, Value) for value in values):
        raise InvalidValue("values", values, "at least one value of the lab")
    return _combine("minimum", *values)


def _corners(ends: Ends, operation: Callable[[Array, Array], Array]) -> tuple[Array, Array]:
    (a, b), (c, d) = ends
    found = np.stack([operation(x, y) for x in (a, b) for y in (c, d)])
    return found.min(0), found.max(0)


def _quotient(ends: Ends) -> tuple[Array, Array]:
    low, high = ends[1]
    if ((low <= 0) & (high >= 0)).any():
        raise InvalidValue("divisor", (low.min(), high.max()), "a value whose bracket does not hold 0 in any replica")
    return _corners(ends, np.divide)


INTERVALS: dict[str, Callable[[Ends], tuple[Array, Array]]] = {
    "add": lambda ends: (ends[0][0] + ends[1][0], ends[0][1] + ends[1][1]),
    "subtract": lambda ends: (ends[0][0] - ends[1][1], ends[0][1] - ends[1][0]),
    "multiply": lambda ends: _corners(ends, np.multiply),
    "divide": _quotient,
    "minimum": lambda ends: (np.min([low for low, _ in ends], axis=0), np.min([high for _, high in ends], axis=0)),
}


def _combine(name: str, *parts: Value | Number) -> Value:
    values = tuple(part if isinstance(part, Value) else Constant(float(_number(name, part))) for part in parts)
    return Combined(name, values, _one_context(name, values))


def _one_context(name: str, values: Sequence[Value]) -> Place | None:
    contexts = list(dict.fromkeys(value.context for value in values if value.context is not None))
    if len(contexts) > 1:
        raise InvalidValue(name, [str(one) for one in contexts], "values of one context")
    return contexts[0] if contexts else None


def _checked(argument: str, value: object) -> Value:
    if not isinstance(value, Value):
        raise InvalidValue(argument, value, "a value of the lab, e.g. lab.run(context).value('rate')")
    return value


def _number(argument: str, value: object) -> Number:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
        raise InvalidValue(argument, value, "a number, or a value of the lab")
    return float(value)
