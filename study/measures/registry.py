"""The registry of measures: what each is computed from, and its value, with what they share computed once.

A measure is one file of ``study.measures`` that defines a function of its name; what several of them use is one file of
``study.measures.shared``. Both name their ``needs``: primitives, which the lab gives, shared computations, or other
measures. Needs are passed in their order; a need with parameters is passed as a memoised function of them.
"""

from __future__ import annotations

import difflib
import functools
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Generic, Literal, ParamSpec, TypeVar, cast, get_args, get_origin
from weakref import WeakKeyDictionary

import numpy as np

from study.errors import InvalidValue
from study.latent.gaussians import DiagonalGaussians
from study.measures.tools.bracket import Bracket
from study.runtime import registry
from study.types import Float32, Labels

P = ParamSpec("P")
R = TypeVar("R")

MEASURES = "study.measures"
SHARED = "study.measures.shared"
SAMPLERS = "study.latent.samplers"
NAMES_OF_SAMPLERS = ("sampler", "reference")
"""Arguments whose value is the name of a sampler."""

Seeds = Callable[[str], list[int]]
"""A purpose → one seed per replica."""
Value = str | int | float | None
Arguments = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, eq=False)
class Images:
    """Real images and their labels; equal only to itself, so that what is computed of it is kept under it.

    Attributes:
        train_x: Training images, grey, ``(n, feature)``.
        train_y: Their classes, ``(n,)``.
        heldout_x: Held-out images, grey, ``(m, feature)``.
        heldout_y: Their classes, ``(m,)``.
    """

    train_x: Float32
    train_y: Labels
    heldout_x: Float32
    heldout_y: Labels


PRIMITIVES = {
    "train": "posteriors of the training images",
    "heldout": "posteriors of the held-out images",
    "train_redraws": "posteriors of further redraws of the training images, those of an image in a row",
    "heldout_redraws": "posteriors of further redraws of the held-out images, those of an image in a row",
    "decode": "latents (replica, n, latent) → mean images (replica, n, feature), float64",
    "log_joint": "z (replica, sample, latent) → log p(x, z) of the held-out images (replica, sample), nats",
    "log_likelihood": "x ([replica,] n, feature), z (replica, n, draw, latent) → log p(x|z) (replica, n, draw), nats",
    "sample_images": "z (replica, n, latent), seeds → images drawn from p(x|z), (replica, n, feature)",
    "encode": "images (replica, n, feature) → their posteriors",
    "heldout_x": "the held-out images as the VAE sees them, (n, feature)",
    "pixels": "a split → its images as the VAE sees them, and their redraws, those of an image in a row; (n, feature)",
    "seeds": "a purpose → one seed per replica",
    "images": "real images of both splits, grey, and their labels",
}
"""What the lab gives."""


@dataclass(frozen=True)
class Parameter:
    """A keyword-only argument of a measure.

    Attributes:
        name: Its name.
        kind: Its type, as annotated.
        default: Its default; ``inspect.Parameter.empty`` where the author of a claim must say it.
    """

    name: str
    kind: object
    default: object

    def checked(self, value: object) -> Value:
        """Return an argument in its canonical form, e.g. 5 as 5.0 where a float is meant.

        Raises:
            InvalidValue: It has another type, is none of the choices, or names no sampler.
        """
        choices = get_args(self.kind) if get_origin(self.kind) is not Literal else None
        kinds = tuple(k for k in (choices or (self.kind,)) if isinstance(k, type))
        if isinstance(value, int) and not isinstance(value, bool) and float in kinds:
            value = float(value)
        if get_origin(self.kind) is Literal:
            if value not in get_args(self.kind):
                raise InvalidValue(self.name, value, "one of " + ", ".join(map(repr, get_args(self.kind))))
        elif not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise InvalidValue(self.name, value, "a value of type " + " or ".join(k.__name__ for k in kinds))
        if self.name in NAMES_OF_SAMPLERS:
            registry.module_of(SAMPLERS, str(value))
        assert value is None or isinstance(value, str | int | float)
        return value


@dataclass(frozen=True)
class Spec:
    """What is known of a measure, or of a shared computation, without computing it.

    Attributes:
        name: Its name, that of its file and its function.
        unit: Unit of its values; empty for a shared computation.
        needs: What it is computed from, in the order of its positional parameters.
        parameters: Its keyword-only parameters.
        source: Where it was defined first: the section "Source:" of its docstring.
        summary: First sentence of its docstring.
    """

    name: str
    unit: str
    needs: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    source: str
    summary: str

    def arguments(self, given: Mapping[str, object]) -> Arguments:
        """Return arguments in canonical form: sorted, those that equal their default left out.

        Raises:
            InvalidValue: One is unknown, missing or no value of its kind.
        """
        known = {p.name: p for p in self.parameters}
        for name in given.keys() - known.keys():
            close = difflib.get_close_matches(name, known) or known
            raise InvalidValue(f"argument of {self.name}", name, " or ".join(map(repr, close)) or "no argument")
        if lacking := [p.name for p in self.parameters if p.default is inspect.Parameter.empty and p.name not in given]:
            raise InvalidValue(self.name, dict(given), "the argument " + " and ".join(map(repr, lacking)))
        checked = {name: known[name].checked(value) for name, value in sorted(given.items())}
        return tuple((name, value) for name, value in checked.items() if value != known[name].default)

    def complete(self, arguments: Arguments) -> dict[str, Value]:
        """Return every argument by name, the defaults too."""
        return {**{p.name: cast(Value, p.default) for p in self.parameters}, **dict(arguments)}


@dataclass(frozen=True, eq=False)
class Registered(Generic[P, R]):
    """A function with its spec, called as the function is."""

    function: Callable[P, R]
    spec: Spec

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function."""
        return self.function(*args, **kwargs)


def measure(*, unit: str, needs: tuple[str, ...]) -> Callable[[Callable[P, R]], Registered[P, R]]:
    """Register a function as the measure of its name; it returns an array ``(replica,)`` or a bracket.

    Args:
        unit: Unit of the value, e.g. ``nats``.
        needs: What the positional parameters are given, in their order. Keyword-only ones are the measure's arguments.
    """
    return functools.partial(_registered, unit, needs)


def shared(*, needs: tuple[str, ...]) -> Callable[[Callable[P, R]], Registered[P, R]]:
    """Register what several measures are computed from; it stays in memory while a block is measured, and no longer.

    Args:
        needs: What the positional parameters are given, in their order.
    """
    return functools.partial(_registered, "", needs)


def _registered(unit: str, needs: tuple[str, ...], function: Callable[P, R]) -> Registered[P, R]:
    parameters = inspect.signature(function, eval_str=True).parameters.values()
    positional = [p for p in parameters if p.kind is not p.KEYWORD_ONLY]
    if len(positional) != len(needs):
        raise InvalidValue(
            f"needs of {function.__name__}", needs, f"{len(positional)} names, one a positional parameter"
        )
    keywords = tuple(Parameter(p.name, p.annotation, p.default) for p in parameters if p.kind is p.KEYWORD_ONLY)
    text = inspect.getdoc(function) or ""
    source = re.search(r"^Source:\n((?:[ ]+.*\n?|\n)+)", text, re.MULTILINE)
    summary = re.match(r"(.*?\.)(?:\s|$)", " ".join(text.partition("\n\n")[0].split()) + " ")
    spec = Spec(
        function.__name__,
        unit,
        needs,
        keywords,
        " ".join(source[1].split()) if source else "",
        summary[1] if summary else text.partition("\n")[0],
    )
    return Registered(function, spec)


@dataclass(frozen=True, order=True)
class Measure:
    """A measure with its arguments; its text is canonical, e.g. ``rate`` or ``coverage(sampler='prior')``.

    Attributes:
        name: Name of the measure.
        arguments: Names and values of the arguments that are not the default, sorted; see :meth:`of`.
    """

    name: str
    arguments: Arguments = ()

    @classmethod
    def of(cls, name: str, **arguments: Value) -> Measure:
        """Make a measure.

        Args:
            name: Name of a measure of the study or of a third party.
            **arguments: Its arguments.

        Raises:
            InvalidValue: There is no such measure, argument or sampler; the closest names are named.
        """
        return cls(name, spec(name).arguments(arguments))

    def __str__(self) -> str:
        """Return the canonical text."""
        if not self.arguments:
            return self.name
        return f"{self.name}({', '.join(f'{name}={value!r}' for name, value in self.arguments)})"


def names() -> tuple[str, ...]:
    """Return the names of all measures, sorted; none is imported."""
    return registry.names(MEASURES)


def spec(name: str) -> Spec:
    """Return the spec of a measure.

    Raises:
        InvalidValue: There is no such measure; the closest names are named.
    """
    return _load(MEASURES, name).spec


def inputs(measure: Measure) -> frozenset[str]:
    """Return the primitives that a measure is computed from, by whatever way."""
    return _primitives(MEASURES, measure.name)


def roots(measure: Measure) -> tuple[tuple[str, str], ...]:
    """Return package and name of all that is looked up by name for a measure: itself, its needs, its samplers."""
    arguments = spec(measure.name).complete(measure.arguments)
    samplers = {(SAMPLERS, str(value)) for name, value in arguments.items() if name in NAMES_OF_SAMPLERS}
    return tuple(sorted({*_tree(MEASURES, measure.name), *samplers}))


def _load(package: str, name: str) -> Registered[..., object]:
    found = getattr(registry.load(package, name), name, None)
    if not isinstance(found, Registered):
        raise InvalidValue(name, type(found).__name__, f"a function decorated by @measure in the module of {name}")
    return found


@functools.cache
def _package(need: str) -> str:
    """Return the package of a need that is no primitive."""
    return SHARED if need in registry.names(SHARED) else MEASURES


def _tree(package: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield a computation and all that it needs, but for primitives."""
    yield package, name
    for need in _load(package, name).spec.needs:
        if need not in PRIMITIVES:
            yield from _tree(_package(need), need)


@functools.cache
def of_images(need: str) -> bool:
    """Say whether a need is computed from images alone, so that it has no replicas and is the same for every VAE."""
    if need in PRIMITIVES:
        return need == "images"
    return _package(need) == SHARED and _primitives(SHARED, need) == {"images"}


@functools.cache
def _primitives(package: str, name: str) -> frozenset[str]:
    return frozenset(n for found in _tree(package, name) for n in _load(*found).spec.needs if n in PRIMITIVES)


_OF_IMAGES: WeakKeyDictionary[Images, dict[tuple[str, Arguments], object]] = WeakKeyDictionary()
"""What needs images only, such as the classifier: computed once per data set and process."""


class Computation:
    """Values of measures of one block; what they share is computed once."""

    def __init__(self, primitives: Mapping[str, Callable[[], object]]) -> None:
        """Say what the measures are computed from.

        Args:
            primitives: Names of :data:`PRIMITIVES` → what gives them, called at most once. ``images`` must be one and
                the same object for one data set. A shared computation may be given, too, in place of the registered.
        """
        self._given = primitives
        self._memory: dict[tuple[str, Arguments], object] = {}

    def value(self, measure: Measure) -> Bracket:
        """Return the value of a measure, ``(replica,)``.

        Raises:
            InvalidValue: It is not one finite number per replica; the measure and the replicas are named.
        """
        try:
            result = self._computed(MEASURES, measure.name, measure.arguments)
        except InvalidValue as error:
            raise InvalidValue(f"{measure}, {error.argument}", error.received, error.expected) from error
        low, high = (result.low, result.high) if isinstance(result, Bracket) else (result, result)
        low, high = np.asarray(low, np.float64), np.asarray(high, np.float64)
        replicas = {q.replicas for q in self._memory.values() if isinstance(q, DiagonalGaussians)}
        if low.ndim != 1 or (replicas and low.size not in replicas):
            raise InvalidValue(str(measure), f"shape {low.shape}", "one number per replica")
        if not (finite := np.isfinite(low) & np.isfinite(high)).all():
            broken = ", ".join(map(str, np.flatnonzero(~finite)))
            raise InvalidValue(str(measure), f"non-finite values in replica {broken}", "finite numbers")
        return result if isinstance(result, Bracket) else Bracket(low, high)

    def _need(self, name: str) -> object:
        """Return what a need is given as: its value, or a function of its parameters."""
        if name in self._given:
            if (name, ()) not in self._memory:
                self._memory[name, ()] = _refusing(name, self._given[name]())
            return self._memory[name, ()]
        if name in PRIMITIVES:
            raise InvalidValue("primitives", sorted(self._given), f"a mapping with {name!r}: {PRIMITIVES[name]}")
        package = _package(name)
        parameters = _load(package, name).spec.parameters
        if not parameters:
            return self._computed(package, name, ())

        def of(*args: Value, **kwargs: Value) -> object:
            given = {**dict(zip((p.name for p in parameters), args, strict=False)), **kwargs}
            return self._computed(package, name, _load(package, name).spec.arguments(given))

        return of

    def _computed(self, package: str, name: str, arguments: Arguments) -> object:
        memory = self._memory
        if package == SHARED and of_images(name) and self._given.keys() <= PRIMITIVES.keys():
            images = self._need("images")
            assert isinstance(images, Images)
            memory = _OF_IMAGES.setdefault(images, {})
        if (name, arguments) not in memory:
            found = _load(package, name)
            needs = [self._need(need) for need in found.spec.needs]
            result = found.function(*needs, **found.spec.complete(arguments))
            memory[name, arguments] = result if package == MEASURES else _refusing(name, result)
        return memory[name, arguments]


def _refusing(name: str, value: object) -> object:
    """Return the value, its NaNs refused; a function so that those of its results are.

    Many a measure would count a NaN as an ordinary miss.
    """
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and not (finite := np.isfinite(value)).all():
        replicas = np.flatnonzero(~finite.reshape(len(value), -1).all(1))
        raise InvalidValue(name, f"non-finite values in replica {', '.join(map(str, replicas))}", "finite numbers")
    if is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            _refusing(name, getattr(value, part.name))
    if callable(value):
        return lambda *args, **kwargs: _refusing(name, value(*args, **kwargs))
    return value
