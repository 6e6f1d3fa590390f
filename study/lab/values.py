"""Lazy values: numbers per replica that nobody has yet, and the arithmetic of them.

A claim's body names values and observes them; nothing trains while it runs. The expression that it builds is the
estimand at any number of replicas. A body may not look at a value: whatever would need the number is refused.
"""

from __future__ import annotations

import hashlib
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from study.design import trends
from study.design.contexts import Context
from study.errors import InvalidValue, StudyError
from study.measures.registry import Measure, spec
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
        finite: Whether the loss of every VAE behind a number was finite, ``(replica,)``; where it was not, the numbers
            mean nothing.
        applicable: Whether the claim says anything about the context, the same of every replica, ``(replica,)``.
    """

    replicas: NDArray[np.int64]
    low: Array
    high: Array
    finite: NDArray[np.bool_]
    applicable: NDArray[np.bool_]


class Trial(Protocol):
    """What is measured: a VAE of the study, or somebody's subject; hashable, and named by its text."""

    def __hash__(self) -> int: ...


Read = Callable[[Trial, Measure], Observed]
"""What evaluates the leaves of an expression."""


class Value:
    """A number per replica that nobody has yet; it knows sums, differences, products, ratios, minima and maxima.

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

    def where(self, other: Value, *, at_least: Number | None = None, at_most: Number | None = None) -> Value:
        """Restrict the claim to contexts in which the median of another value is large, or small, enough."""
        condition = checked("where", other)
        one_context("where", (self, condition))
        given = {"at_least": at_least, "at_most": at_most}
        bounds = [(name, float(_number(name, bound))) for name, bound in given.items() if bound is not None]
        if len(bounds) != 1:
            raise InvalidValue("where", given, "one bound, at_least or at_most")
        return Where(self, condition, *bounds[0])

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
        """Return the canonical text, e.g. ``coverage(sampler='prior' of kl_weight=1.0, latent_dim=2)``.

        It says every argument, those that equal a default too: a default that changes changes what is registered.
        """
        complete = sorted(spec(self.measure.name).complete(self.measure.arguments).items())
        arguments = ", ".join(f"{name}={value!r}" for name, value in complete)
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
        with np.errstate(invalid="ignore"):  # ∞ − ∞, which is refused by name
            low, high = INTERVALS[self.name](ends)
        return made(self, [one for one in known if one is not None], low, high)


@dataclass(frozen=True, eq=False, repr=False)
class Fall(Value):
    """By how much a value falls along a sweep, or which share of it: per doubling, or per added step.

    A bracket gives a bracketed fall.
    """

    values: tuple[Value, ...]
    levels: tuple[float, ...]
    log2: bool
    context: Place | None
    relative: bool = False

    def __str__(self) -> str:
        """Return the canonical text."""
        per = "doubling" if self.log2 else "step"
        name = "relative_fall" if self.relative else "fall"
        return f"{name}(per {per} of {self.levels}: {', '.join(map(str, self.values))})"

    def leaves(self) -> Iterator[tuple[Trial, Measure]]:
        """Return those of its levels."""
        for value in self.values:
            yield from value.leaves()

    def evaluate(self, read: Read) -> Observed:
        """Return its numbers: the least-squares slope over the levels, negated."""
        known = [value.evaluate(read) for value in self.values]
        find = trends.bracketed_relative_fall if self.relative else trends.bracketed_fall
        low, high = np.stack([one.low for one in known]), np.stack([one.high for one in known])
        return made(self, known, *find(self.levels, low, high, log2=self.log2))


@dataclass(frozen=True, eq=False, repr=False)
class Where(Value):
    """A value, restricted to contexts in which the median of another one is large, or small, enough.

    All replicas of a context apply, or none does: to decide one by one would select among them.
    """

    value: Value
    condition: Value
    name: str
    bound: float

    @property
    def context(self) -> Place | None:  # type: ignore[override]
        """The context of the value."""
        return self.value.context

    def __str__(self) -> str:
        """Return the canonical text."""
        sign = ">=" if self.name == "at_least" else "<="
        return f"where({self.value!s}, {self.condition!s} {sign} {self.bound!r})"

    def leaves(self) -> Iterator[tuple[Trial, Measure]]:
        """Return those of the value and of the condition."""
        yield from self.value.leaves()
        yield from self.condition.leaves()

    def evaluate(self, read: Read) -> Observed:
        """Return the value's numbers, applicable if the condition's median over finite replicas is within the bound.

        Of a bracket its middle counts. Where no replica is finite, nothing is known that speaks against the context.
        """
        value, condition = self.value.evaluate(read), self.condition.evaluate(read)
        ends = condition.low[condition.finite], condition.high[condition.finite]
        with np.errstate(invalid="ignore"):  # the middle of −∞ and ∞
            middle = np.median(np.mean(ends, axis=0)) if condition.finite.any() else self.bound
        meets = middle >= self.bound if self.name == "at_least" else middle <= self.bound
        return replace(value, applicable=value.applicable & condition.applicable & bool(meets))


@dataclass(frozen=True, eq=False, repr=False)
class Given(Value):
    """Somebody's own numbers, one a replica: the study measured none of them.

    Attributes:
        numbers: ``(replica,)``; NaN is a replica that diverged.
    """

    numbers: Array
    context: Place

    @classmethod
    def of(cls, context: Place, values: ArrayLike | None) -> Given:
        """Take numbers of a context.

        Raises:
            InvalidValue: A context that is none; no numbers, none but NaN, or another shape than ``(replica,)``.
        """
        if not isinstance(context, (Context, str)):
            raise InvalidValue("context", context, "what @given draws from CLAIM.contexts()")
        try:
            numbers = np.asarray(values, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise InvalidValue(
                "values", values, "numbers, one a replica; what the lab measures is no number yet"
            ) from error
        if numbers.ndim != 1 or not numbers.size:
            raise InvalidValue("values", numbers.shape, "an array (replica,) of at least one number")
        if np.isnan(numbers).all():
            raise InvalidValue("values", "NaN in every replica", "at least one number; NaN is a replica that diverged")
        return cls(numbers, context)

    def __str__(self) -> str:
        """Return what is fixed of it: the digest of its numbers, as nothing else says what was measured."""
        return f"given({hashlib.sha256(self.numbers.tobytes()).hexdigest()[:12]})"

    def leaves(self) -> Iterator[tuple[Trial, Measure]]:
        """Return nothing: nothing is measured."""
        yield from ()

    def evaluate(self, read: Read) -> Observed:
        """Return the numbers."""
        ones = np.ones(self.numbers.size, bool)
        return Observed(np.arange(self.numbers.size), self.numbers, self.numbers, ~np.isnan(self.numbers), ones)


Ends = Sequence[tuple[Array, Array]]


def minimum(*values: Value | Number) -> Value:
    """Return the least of several values, replica by replica."""
    if not any(isinstance(value, Value) for value in values):
        raise InvalidValue("values", values, "at least one value of the lab")
    return _combine("minimum", *values)


def maximum(*values: Value | Number) -> Value:
    """Return the greatest of several values, replica by replica."""
    if not any(isinstance(value, Value) for value in values):
        raise InvalidValue("values", values, "at least one value of the lab")
    return _combine("maximum", *values)


def made(value: Value, parts: Sequence[Observed], low: Array, high: Array) -> Observed:
    """Return the numbers of a value that is made of others: finite, and applicable, where all of them are."""
    made = replace(
        parts[0],
        low=low,
        high=high,
        finite=reduce(operator.and_, (one.finite for one in parts)),
        applicable=reduce(operator.and_, (one.applicable for one in parts)),
    )
    if (broken := made.finite & (np.isnan(low) | np.isnan(high))).any():
        where = ", ".join(map(str, made.replicas[broken]))
        raise InvalidValue(str(value), f"NaN in replica {where}", "numbers")
    return made


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
    "maximum": lambda ends: (np.max([low for low, _ in ends], axis=0), np.max([high for _, high in ends], axis=0)),
}


def _combine(name: str, *parts: Value | Number) -> Value:
    values = tuple(part if isinstance(part, Value) else Constant(float(_number(name, part))) for part in parts)
    return Combined(name, values, one_context(name, values))


def one_context(name: str, values: Sequence[Value]) -> Place | None:
    """Return the context of values that must share one; None where all are plain numbers."""
    contexts = list(dict.fromkeys(value.context for value in values if value.context is not None))
    if len(contexts) > 1:
        raise InvalidValue(name, [str(one) for one in contexts], "values of one context")
    return contexts[0] if contexts else None


def checked(argument: str, value: object) -> Value:
    """Return a value of the lab, and refuse anything else."""
    if not isinstance(value, Value):
        raise InvalidValue(argument, value, "a value of the lab, e.g. lab.run(context).value('rate')")
    return value


def _number(argument: str, value: object) -> Number:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
        raise InvalidValue(argument, value, "a number, or a value of the lab")
    return float(value)
