"""What a claim's body is given: it names VAEs, sweeps and values, and observes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol, overload

from numpy.typing import ArrayLike

from study.design.claim import Claim
from study.design.contexts import Context, Point, Sweep
from study.design.grids import SCALES
from study.errors import InvalidValue
from study.lab.artefacts import Change
from study.lab.subjects.subject import Subject
from study.lab.values import Fall, Given, Measured, Place, Value
from study.measures.registry import Measure
from study.measures.registry import Value as Argument
from study.types import DATA_SETS, Field
from study.vae.config import VAEConfig
from study.vae.interventions._contract import check_arguments


class Counterexample(AssertionError):
    """Raised by a search: this VAE does not do what is claimed of every one."""


class Violation(AssertionError):
    """Raised by an exact claim: in this case the error is larger than the tolerance."""


@dataclass(frozen=True)
class Own:
    """A VAE of the study as a trial.

    Attributes:
        config: The VAE.
        changes: Interventions on its trained weights.
        name: What it is called in texts.
    """

    config: VAEConfig
    changes: tuple[Change, ...] = ()
    name: str = field(default="", compare=False)

    def __str__(self) -> str:
        """Return its name."""
        return ", after ".join([self.name or self.config.canonical, *map(str, self.changes)])


@dataclass(frozen=True, eq=False)
class Live:
    """A live object as a trial, measured in the session's process; equal where the object is the same one."""

    subject: Subject

    def __eq__(self, other: object) -> bool:
        """Compare by identity of the object, which may know no other."""
        return isinstance(other, Live) and other.subject is self.subject

    def __hash__(self) -> int:
        """Hash the identity of the object."""
        return id(self.subject)

    def __str__(self) -> str:
        """Return its id."""
        return self.subject.id


@dataclass(frozen=True)
class Vae:
    """One VAE, or somebody's subject, of which values can be named."""

    trial: Own | Live
    context: Place

    def value(self, measure: str, **arguments: Argument) -> Value:
        """Name a measure of it, e.g. ``value("coverage", sampler="prior")``.

        Raises:
            InvalidValue: No such measure (the closest ones are named), or a wrong argument.
        """
        return Measured(self.trial, Measure.of(measure, **arguments), self.context)

    def after(self, intervention: str, **arguments: float) -> Vae:
        """Return the VAE after an intervention on its weights, e.g. ``after("rescaled_latents", factor=2)``.

        Raises:
            InvalidValue: No such intervention or argument, or a subject that is not the study's own.
        """
        if not isinstance(self.trial, Own):
            raise InvalidValue("subject", str(self.trial), "a VAE of the study, whose weights can be changed")
        check_arguments(intervention, arguments)
        change = Change(intervention, tuple(sorted(arguments.items())))
        return Vae(Own(self.trial.config, (*self.trial.changes, change), self.trial.name), self.context)


@dataclass(frozen=True)
class Swept:
    """The VAEs of one context along one axis."""

    levels: tuple[Field, ...]
    vaes: tuple[Vae, ...]
    sweep: Sweep

    @property
    def context(self) -> Context:
        """The context that is swept."""
        return self.sweep.context

    @property
    def numbers(self) -> tuple[int | float, ...]:
        """Its levels, those that are numbers."""
        return tuple(level for level in self.levels if isinstance(level, (int, float)))

    def values(self, measure: str, **arguments: Argument) -> list[Value]:
        """Name a measure at each level."""
        return [vae.value(measure, **arguments) for vae in self.vaes]

    def fall(self, of: str | Callable[[Vae], Value], **arguments: Argument) -> Value:
        """Name by how much a value falls along the sweep: per doubling, or for depth per added layer.

        The least-squares slope over the levels, negated.

        Args:
            of: A measure; or what makes a value of each VAE, e.g. ``lambda vae: vae.value("a") - vae.value("b")``.
            **arguments: Arguments of the measure.
        """
        return self._fall(of, arguments, relative=False)

    def relative_fall(self, of: str | Callable[[Vae], Value], **arguments: Argument) -> Value:
        """Name by which share a value falls along the sweep: 0.5 if it halves with every doubling, or added layer.

        1 − e^slope of the logarithms; −∞ or 1 where an end at or below zero has a logarithm of −∞.

        Args:
            of: As for :meth:`fall`.
            **arguments: Arguments of the measure.
        """
        return self._fall(of, arguments, relative=True)

    def _fall(self, of: str | Callable[[Vae], Value], arguments: Mapping[str, Argument], relative: bool) -> Value:
        if callable(of) and arguments:
            raise InvalidValue("arguments", dict(arguments), "none beside a function, which names its values whole")
        values = tuple(of(vae) for vae in self.vaes) if callable(of) else tuple(self.values(of, **arguments))
        if strange := [value for value in values if not isinstance(value, Value) or value.context != self.context]:
            raise InvalidValue("fall", str(strange[0]), "a value of the VAE that the function is given")
        levels = self.numbers
        if len(levels) < len(self.levels):
            raise InvalidValue("axis", self.sweep.axis, "one with numbers as levels, along which a value can fall")
        if self.sweep.per_doubling and min(levels) <= 0:
            raise InvalidValue("levels", self.levels, "levels above 0, as a fall is per doubling")
        return Fall(values, tuple(map(float, levels)), self.sweep.per_doubling, self.context, relative)


@dataclass(frozen=True)
class Entry:
    """What a body said of one context.

    Attributes:
        context: The context, or the id of a live subject.
        value: The estimand.
        secondary: Other readings of the estimand, by what they are called.
    """

    context: Place
    value: Value
    secondary: Mapping[str, Value] = field(default_factory=dict)


class Recorder(Protocol):
    """What takes down what a body says; the session puts one behind the lab while a body runs."""

    def observe(self, claim: Claim, entry: Entry) -> None:
        """Take an estimand down."""

    def show(self, figure: str, what: Swept | Vae) -> None:
        """Ask for figure data."""

    def examine(self, claim: Claim, entry: Entry) -> float | None:
        """Look at one VAE of a search."""

    def exact(self, claim: Claim, error: float) -> None:
        """Take one case of an identity down."""


@dataclass(eq=False, repr=False)
class Lab:
    """What a claim may say: it names and observes, and judges nothing.

    Attributes:
        scale: ``quick``, ``standard`` or ``full``.
        data: Data set.
        recorder: What takes down what is said; None while no body runs.
    """

    scale: str
    data: str
    recorder: Recorder | None = None

    def __repr__(self) -> str:
        """Return a short text."""
        return f"<Lab: {self.data} at scale {self.scale}>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Be as short where Hypothesis prints a case."""
        del cycle
        printer.text(repr(self))

    @overload
    def run(self, what: Sweep) -> Swept: ...

    @overload
    def run(self, what: Context | Point | Subject) -> Vae: ...

    def run(self, what: Sweep | Context | Point | Subject) -> Swept | Vae:
        """Name what is to be measured: a sweep, a context's own VAE, a point of it, or somebody's subject."""
        if isinstance(what, Sweep):
            return self._swept(what)
        if isinstance(what, (Context, Point)):
            point = what.at() if isinstance(what, Context) else what
            return Vae(Own(point.config(self.data, self.scale), name=str(point)), point.context)
        if isinstance(what, Subject):
            if what.data != self.data:
                raise InvalidValue(f"data of {what.id}", what.data, f"{self.data!r}, which this lab is about")
            return Vae(Live(what), what.id)
        expected = "a context, a sweep or point of one, or a subject (an object with id, data, posterior(x), decode(z))"
        raise InvalidValue("run", type(what).__name__, expected)

    def _swept(self, what: Sweep) -> Swept:
        levels = what.levels(self.scale)
        configs = what.configs(self.data, self.scale)
        names = [f"{what.point}, {what.axis}={level}" for level in levels]
        vaes = [Vae(Own(c, name=name), what.context) for c, name in zip(configs, names, strict=True)]
        return Swept(levels, tuple(vaes), what)

    @overload
    def observe(self, claim: Claim, value: Value, *, secondary: Mapping[str, Value] | None = None) -> None: ...

    @overload
    def observe(self, claim: Claim, value: Context | str, values: ArrayLike) -> None: ...

    def observe(
        self,
        claim: Claim,
        value: Value | Context | str,
        values: ArrayLike | None = None,
        *,
        secondary: Mapping[str, Value] | None = None,
    ) -> None:
        """Observe an estimand; the same observation twice changes nothing.

        Args:
            claim: The claim whose body runs.
            value: The estimand in one context; or a context, whose numbers follow.
            values: Numbers of one's own, ``(replica,)``, of a claim that names their data; NaN is a replica that
                diverged.
            secondary: Other readings of the same estimand, by what they are called; they are reported beside the
                verdict, which they do not touch.

        Raises:
            InvalidValue: No value of this lab; or numbers of another shape, or none but NaN.
        """
        if isinstance(value, Value) == (values is not None):
            expected = "a value of the lab, e.g. lab.run(context).value('rate'), or a context and numbers of one's own"
            raise InvalidValue("value", value, expected)
        observed = value if isinstance(value, Value) else Given.of(value, values)
        entry = Entry(_place(observed), observed, dict(secondary or {}))
        for name, other in entry.secondary.items():
            if _place(other) != entry.context:
                raise InvalidValue(name, str(other), f"a value of the context {entry.context}")
        self._recorder().observe(claim, entry)

    def show(self, figure: str, what: Swept | Vae) -> None:
        """Ask for figure data: ``marginal_kl`` of a sweep; ``latent_plane``, ``decoded``, ``information`` of a VAE."""
        self._recorder().show(figure, what)

    def examine(self, claim: Claim, value: Value) -> float | None:
        """Look at one VAE of a search for a counterexample.

        Returns:
            The median of the value over replicas, for the search to follow; None where the bound on examined contexts
            is reached, or no replica can be judged.

        Raises:
            Counterexample: The count decides against it. It is a candidate until fresh seeds confirm it.
        """
        return self._recorder().examine(claim, Entry(_place(value), value))

    def exact(self, claim: Claim, error: float) -> None:
        """Take down one case of an identity: by how much it failed, of whatever sign.

        Raises:
            Violation: The error is larger than the threshold of its row, or NaN: Hypothesis then shrinks the case.
        """
        self._recorder().exact(claim, error)

    def _recorder(self) -> Recorder:
        if self.recorder is None:
            raise InvalidValue("lab", repr(self), "a lab inside a claim's body, while it runs")
        return self.recorder


@cache
def labs(scale: str, data: str = "", *, given: bool = False) -> dict[str, Lab]:
    """Return a lab for each data set of a scale, or for the one named, by its name; the same ones for all claims.

    Args:
        scale: ``quick``, ``standard`` or ``full``.
        data: The one data set.
        given: Whether numbers of it are given, so that the study need not know it.

    Raises:
        InvalidValue: There is no such data set.
    """
    if given:
        return {data: Lab(scale, data)}
    if data and data not in DATA_SETS:
        raise InvalidValue("data", data, "one of " + ", ".join(map(repr, DATA_SETS)))
    return {name: Lab(scale, name) for name in SCALES[scale] if data in ("", name)}


def _place(value: Value) -> Place:
    if not isinstance(value, Value):
        raise InvalidValue("value", value, "a value of the lab, e.g. lab.run(context).value('rate')")
    if value.context is None:
        raise InvalidValue("value", str(value), "a value of some context, not a plain number")
    return value.context
