"""Claims, and what each of their rows is about.

The contexts of a claim are listed, the same ones for every claim whose file lists no others: they depend neither on its
name nor on Hypothesis. Every look uses all of them, and so does every seed root.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from typing import Protocol

from hypothesis import strategies as st

from study.design.contexts import LISTED, Context
from study.design.forms import check_list, check_rows, check_table, check_texts
from study.design.grids import BASES as IMAGES
from study.design.grids import kind
from study.errors import InvalidValue
from study.types import is_finite
from study.verdicts.kinds import Kind, Reason, Verdict

KINDS = (Kind.MOST, Kind.EVERY, Kind.EXACT)
BASES = ("pilot", "theory")
"""What a prediction may rest on."""
NO_FRESH = "what the study did not train has no fresh seeds, which confirm a counterexample"
EVERY_VAE = "every VAE"
"""The value of the row of a search."""


@dataclass(frozen=True)
class Estimand:
    """What one parametrisation of a claim is about: estimand ≥ threshold.

    Attributes:
        threshold: Fixed before the data are seen; never moved. Of an identity, the largest error that is allowed.
        unit: Unit of estimand and threshold.
        predicted: Predicted verdict, or ``""`` where the claim makes no prediction (exploratory). One that evidence
            overturned moves to ``predictions.toml``, beside the claim: see :mod:`study.evidence.predictions`.
        basis: What the prediction rests on: ``pilot`` or ``theory``.
        dated: When it was made, an ISO date.
        zero: Value of no effect: accuracy ½, ratio 1, else 0; None for a margin, which has none.
        kind: Said of ``most`` VAEs of the design, or of ``every`` one; or ``exact``, an identity, which needs no
            training: its body tries cases by ``lab.exact``.
    """

    threshold: float
    unit: str
    predicted: str = ""
    basis: str = ""
    dated: str = ""
    zero: float | None = 0.0
    kind: str = Kind.MOST.value

    def __post_init__(self) -> None:
        """Refuse a threshold that is no number, and a prediction, a basis, a date or a kind that is none."""
        check_texts(unit=self.unit, predicted=self.predicted, basis=self.basis)
        if self.kind not in KINDS:
            raise InvalidValue("kind", self.kind, "one of " + ", ".join(repr(kind.value) for kind in KINDS))
        if not is_finite(self.threshold):
            raise InvalidValue("threshold", self.threshold, "a finite number")
        if self.kind == Kind.EXACT and self.threshold < 0:
            raise InvalidValue("threshold", self.threshold, "an error ≥ 0, of an identity")
        if self.zero is not None and not is_finite(self.zero):
            raise InvalidValue("zero", self.zero, "a finite number, or None for a margin")
        if self.predicted and self.predicted not in list(Verdict):
            raise InvalidValue("predicted", self.predicted, f"one of {', '.join(Verdict)}, or nothing")
        if self.basis and self.basis not in BASES:
            raise InvalidValue("basis", self.basis, f"one of {', '.join(BASES)}, or nothing")
        _check_date("dated", self.dated)


class Named(Protocol):
    """Somebody's model, as far as a claim must know it: see :class:`study.lab.subjects.subject.Subject`."""

    id: str
    data: str


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What of a claim is put to the test on one data set.

    Attributes:
        parameters: The parametrisations: every combination is a row of its own.
        design: The contexts.
        search: Whether a counterexample is searched for.
    """

    parameters: Mapping[str, Sequence[str]]
    design: Sequence[Context | Named | str]
    search: bool = False

    def __post_init__(self) -> None:
        """Refuse fields of another form than they are said to have."""
        check_rows("parameters", self.parameters)
        check_list("design", self.design)
        for one in self.design:
            if not isinstance(one, Context | str) and not isinstance(getattr(one, "id", None), str):
                raise InvalidValue("design", one, "a Context, a model with an id, or a name")
        if not isinstance(self.search, bool):
            raise InvalidValue("search", self.search, "True or False")

    @property
    def rows(self) -> list[dict[str, str]]:
        """Every parametrisation."""
        values = product(*self.parameters.values())
        return [dict(zip(self.parameters, map(str, row), strict=True)) for row in values]

    @property
    def places(self) -> tuple[str, ...]:
        """Canonical texts of what each row is judged in: the contexts of the design, or the ids of the subjects."""
        return tuple(str(one) if isinstance(one, (Context, str)) else one.id for one in self.design)

    def has(self, row: Mapping[str, str]) -> bool:
        """Whether a parametrisation is one of those put to the test."""
        declared = {key: set(map(str, values)) for key, values in self.parameters.items()}
        return set(row) == set(declared) and all(value in declared[key] for key, value in row.items())


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One claim of the discussion.

    Attributes:
        id: Its id; the test is ``claims/test_<id>.py``.
        statement: What is claimed, in a sentence.
        source: Who says so.
        chapter: Chapter of the page of results that it belongs to; chapters stand in the order of their names.
        question: The question that it answers; may be "".
        quotation: The words of the source; may be "".
        words: Parameter value → words for readers; a value without says itself.
        means: Parameter value (``""`` for the claim as it stands, ``every VAE`` for its search) → verdict or reason →
            what that means in plain words: a clause, in which rows that mean the same share one text.
        parameters: The declared parametrisations: see :class:`Scope`.
        estimand: Parameters, by name, → threshold, unit and prediction.
        design: Its contexts; the KL weight and the latent dimension are parameters of its rows. Where numbers are given
            a context may be a name.
        search: The universal form, "for every VAE", that a search tries to refute; None without one.
        scopes: Kind of images (``mnist`` stands for Fashion-MNIST, too) → what is put to the test on them, fixed before
            their data are seen; all of the claim where none is named.
        registered: When it was registered, an ISO date: from then on evidence that is recorded binds it. ``""`` is a
            draft, which overwrites itself, and whose rows are exploratory.
        seed_root: A seed root of its own, e.g. after it was registered anew; ``""`` for that of the run.
        subjects: Somebody's models, of one data set, in place of contexts; () for VAEs of the study.
        data: What numbers of one's own are about: its body gives them, ``lab.observe(CLAIM, context, values)``, and
            nothing is measured; ``""`` where the study measures.
    """

    id: str
    statement: str
    source: str
    chapter: str
    question: str = ""
    quotation: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    means: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    parameters: Mapping[str, Sequence[str]]
    estimand: Callable[..., Estimand]
    design: Sequence[Context | str] = LISTED
    search: Estimand | None = None
    scopes: Mapping[str, Scope] = field(default_factory=dict)
    registered: str = ""
    seed_root: str = ""
    subjects: Sequence[Named] = ()
    data: str = ""

    def __post_init__(self) -> None:
        """Refuse a wrong date, stray words, and numbers or subjects that cannot be judged."""
        self._check_forms()
        _check_date("registered", self.registered)
        if not self.design or len(set(map(str, self.design))) < len(self.design):
            raise InvalidValue("design", list(map(str, self.design)), "at least one context, each listed once")
        values = {str(value) for values in self.parameters.values() for value in values}
        if stray := [value for value in self.words if value not in values]:
            raise InvalidValue("words", stray[0], "words for one of " + ", ".join(map(repr, sorted(values))))
        self._check_means({*values, "", *({EVERY_VAE} if self.search else ())})
        if self.data and (self.search is not None or self.subjects):
            raise InvalidValue("data", self.data, "nothing, or neither search nor subjects: numbers are given")
        if (names := [one for one in self.design if isinstance(one, str)]) and not self.data:
            raise InvalidValue("design", names[0], "a Context; names are for numbers of one's own, Claim(data=…)")
        self._check_scopes()
        if not self.subjects:
            return
        if self.search is not None:
            raise InvalidValue("search", self.id, f"none: {NO_FRESH}")
        if len({subject.data for subject in self.subjects}) > 1 or len(set(self.places)) < len(self.subjects):
            received = [(subject.id, subject.data) for subject in self.subjects]
            raise InvalidValue("subjects", received, "subjects of one data set, each with an id of its own")

    def _check_forms(self) -> None:
        """Refuse fields of another form than they are said to have."""
        check_texts(
            id=self.id, statement=self.statement, source=self.source, chapter=self.chapter, question=self.question,
            quotation=self.quotation, seed_root=self.seed_root, data=self.data,
        )  # fmt: skip
        check_texts(**{f"words[{key!r}]": text for key, text in check_table("words", self.words).items()})
        for key, said in check_table("means", self.means).items():
            meant = check_table(f"means[{key!r}]", said)
            check_texts(**{f"means[{key!r}][{word!r}]": text for word, text in meant.items()})
        check_rows("parameters", self.parameters)
        if not callable(self.estimand):
            raise InvalidValue("estimand", self.estimand, "a function of the parameters, by name → Estimand")
        check_list("design", self.design, Context, str)
        if self.search is not None and not isinstance(self.search, Estimand):
            raise InvalidValue("search", self.search, "an Estimand, or None")
        for images, scope in check_table("scopes", self.scopes).items():
            if not isinstance(scope, Scope):
                raise InvalidValue(f"scope on {images}", scope, "a Scope")
        check_list("subjects", self.subjects)
        for one in self.subjects:
            if not all(isinstance(getattr(one, name, None), str) for name in ("id", "data")):
                raise InvalidValue("subjects", one, "a model with id and data, both strings")

    def _check_means(self, known: set[str]) -> None:
        """Refuse meanings of what is no row, and of what is no verdict, nor a reason of one."""
        if stray := [value for value in self.means if value not in known]:
            raise InvalidValue("means", stray[0], "a meaning of one of " + ", ".join(map(repr, sorted(known))))
        words = [*Verdict, *filter(None, Reason)]
        if stray := [word for said in self.means.values() for word in said if word not in words]:
            raise InvalidValue("means", stray[0], f"one of {', '.join(words)}")

    def _check_scopes(self) -> None:
        """Refuse a scope that is no part of the claim, or is of no images that it may be about."""
        for images, scope in self.scopes.items():
            if self.foreign or images not in IMAGES:
                expected = "no scope, where models or numbers are given" if self.foreign else f"one of {list(IMAGES)}"
                raise InvalidValue("scopes", images, expected)
            own = self.whole
            rows = set(scope.parameters) == set(own.parameters) and all(
                len(values) > 0 and set(values) <= set(own.parameters[key]) for key, values in scope.parameters.items()
            )
            design = len(scope.places) > 0 and set(scope.places) <= set(own.places)
            if not (rows and design and scope.search <= own.search):
                received = {"parameters": dict(scope.parameters), "design": list(scope.places), "search": scope.search}
                raise InvalidValue(f"scope on {images}", received, "some of the claim's own rows and contexts")

    @property
    def whole(self) -> Scope:
        """All of it."""
        return Scope(parameters=self.parameters, design=self.subjects or self.design, search=self.search is not None)

    @property
    def places(self) -> tuple[str, ...]:
        """Canonical texts of all that it is judged in: see :attr:`Scope.places`."""
        return self.whole.places

    def on(self, data: str) -> Scope:
        """Return what of it is put to the test on a data set."""
        return self.scopes.get(kind(data), self.whole)

    def of(self, row: Mapping[str, str]) -> Estimand:
        """Return what a parametrisation is about.

        Raises:
            InvalidValue: It is no claim about most VAEs, but of models or numbers that are given.
        """
        try:
            inspect.signature(self.estimand).bind(**row)
        except TypeError as error:
            raise InvalidValue("estimand", list(row), f"parameters that it takes ({error})") from error
        found = self.estimand(**row)
        if not isinstance(found, Estimand):
            raise InvalidValue("estimand", found, f"an Estimand of {dict(row)}")
        if self.foreign and found.kind != Kind.MOST:
            raise InvalidValue(f"kind of {dict(row)}", found.kind, f"{Kind.MOST.value!r}: {NO_FRESH}")
        return found

    def declared(self, data: str) -> int:
        """Return how many rows share the claim's level on a data set, whichever of them are run.

        Those of most VAEs do; neither identities nor a search take any of it.
        """
        return max(1, sum(self.of(row).kind == Kind.MOST for row in self.on(data).rows))

    @property
    def about(self) -> str:
        """The one data set that it can be about; ``""`` for those of the scale."""
        return self.subjects[0].data if self.subjects else self.data

    @property
    def foreign(self) -> bool:
        """Whether the study trained nothing of what it is about."""
        return bool(self.subjects or self.data)

    def contexts(self) -> st.SearchStrategy[Context | Named | str]:
        """Return a strategy over the design, or the subjects; it is finite, so that Hypothesis visits all of it."""
        places: Sequence[Context | Named | str] = self.subjects or self.design
        return st.sampled_from(tuple(places))


def _check_date(argument: str, text: str) -> None:
    """Refuse what is neither an ISO date nor nothing."""
    with suppress(TypeError, ValueError):
        if text == "" or date.fromisoformat(text).isoformat() == text:
            return
    raise InvalidValue(argument, text, "an ISO date, e.g. '2026-12-01', or nothing")
