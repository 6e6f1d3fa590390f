"""What the bodies of claims said: one row a parametrisation, its requests at any look, and its observations."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from study.design.claim import Claim
from study.errors import EvidenceError, InvalidValue
from study.evidence.records import Observation
from study.lab.artefacts import Block, Setting
from study.lab.figures import FIGURES
from study.lab.lab import Counterexample, Entry, Live, Own, Swept, Vae, Violation
from study.lab.reading import Look, Reader
from study.lab.run import Wanted
from study.lab.values import Given, Trial, Value
from study.measures.registry import Measure
from study.vae.config import VAEConfig
from study.verdicts.counting import median
from study.verdicts.judgement import Sample
from study.verdicts.search import decided_against


@dataclass
class Collected:
    """One parametrisation of a claim on one data set, as its body was read.

    Attributes:
        claim: The claim.
        parameters: The parametrisation.
        data: Data set.
        entries: What was observed, by the text of the context.
        shown: Figure data asked for: name of the figure, and what it shows.
    """

    claim: Claim
    parameters: Mapping[str, str]
    data: str
    entries: dict[str, Entry] = field(default_factory=dict)
    shown: list[tuple[str, Swept | Vae]] = field(default_factory=list)

    # What a body says while it runs: see `study.lab.lab.Recorder`.

    def observe(self, claim: Claim, entry: Entry) -> None:
        """Take an estimand down; the same context twice changes nothing."""
        self._own(claim)
        place = str(entry.context)
        if place not in claim.places:
            expected = "one of CLAIM.subjects" if claim.subjects else "one of the claim's design"
            raise InvalidValue("context", place, f"{expected}: {', '.join(claim.places)}")
        if place not in self.contexts:
            return  # drawn from the whole design, and not put to the test on these images
        if isinstance(entry.value, Given) != bool(claim.data):
            given = "numbers, lab.observe(CLAIM, context, values), as CLAIM names their data"
            expected = given if claim.data else "a value of the lab; numbers of one's own need Claim(data=…)"
            raise InvalidValue("value", str(entry.value), expected)
        known = self.entries.setdefault(place, entry)
        if str(known.value) != str(entry.value) or _lives(known) != _lives(entry) or _numbers(known) != _numbers(entry):
            raise InvalidValue("value", str(entry.value), f"one estimand a context; {place} has {known.value!s}")
        if len(sizes := {len(_numbers(one)) for one in self.entries.values()}) > 1:
            raise InvalidValue("values", sorted(sizes), "as many numbers in each context as in the others")

    @property
    def given(self) -> int:
        """How many numbers a context was given; 0 where the study measures."""
        return max((len(_numbers(entry)) for entry in self.entries.values()), default=0)

    def show(self, figure: str, what: Swept | Vae) -> None:
        """Take down that a figure is asked for."""
        if figure not in FIGURES:
            raise InvalidValue("figure", figure, "one of " + ", ".join(map(repr, FIGURES)))
        FIGURES[figure].check(what)
        if (figure, what) not in self.shown and str(what.context) in self.contexts:
            self.shown.append((figure, what))

    def examine(self, claim: Claim, entry: Entry) -> float | None:
        """Refuse: only a search examines."""
        raise InvalidValue("examine", claim.id, "a test marked study_search; others observe")

    def exact(self, claim: Claim, error: float) -> None:
        """Refuse: only an exact claim has cases."""
        raise InvalidValue("exact", claim.id, "a row of kind 'exact'; others observe")

    def _own(self, claim: Claim) -> None:
        if claim is not self.claim:
            raise InvalidValue("claim", claim.id, "the CLAIM of the module whose test is running")

    def asked(self) -> dict[str, str]:
        """Return the canonical text of the estimand, by context: what a row registers."""
        return {place: str(entry.value) for place, entry in self.entries.items()}

    # What it takes.

    def check_complete(self) -> None:
        """Refuse a row of which a context of the design was never observed: a verdict on part of a design is none."""
        if unseen := [place for place in self.contexts if place not in self.entries]:
            where = f"in {unseen}" if self.entries else "at all"
            raise EvidenceError(f"{self.claim.id}: expected observations in every context of the design, none {where}.")

    @property
    def contexts(self) -> tuple[str, ...]:
        """Texts of the contexts that it is judged in: the design's on its data set, or the live subjects'."""
        return self.claim.on(self.data).places

    def wanted(self, look: Look, setting: Setting, only: Collection[str] = ()) -> dict[Block, set[Measure]]:
        """Return what must be in the store at a look, in all contexts or some; live subjects are not asked for."""
        leaves = [leaf for entry in self._looked_at(look, only) for value in _values(entry) for leaf in value.leaves()]
        for figure, what in () if look.fresh_for else self.shown:
            vaes = what.vaes if isinstance(what, Swept) else (what,)
            leaves += [(vae.trial, measure) for vae in vaes for measure in FIGURES[figure].measures]
        return _requests(leaves, look, setting)

    def observed(self, look: Look, reader: Reader, only: Collection[str] = ()) -> list[Observation]:
        """Return the observations of a look, in all contexts or some; a replica that diverged is recorded, with NaN."""
        read, found = reader.at(look), []
        for entry in self._looked_at(look, only):
            numbers = entry.value.evaluate(read)
            for i in np.flatnonzero(numbers.applicable):
                known = bool(numbers.finite[i])
                found.append(
                    Observation(
                        claim=self.claim.id,
                        parameters=self.parameters,
                        data=self.data,
                        context=str(entry.context),
                        replica=int(numbers.replicas[i]),
                        low=float(numbers.low[i]) if known else math.nan,
                        high=float(numbers.high[i]) if known else math.nan,
                    )
                )
        return found

    def secondary(self, look: Look, reader: Reader, only: Collection[str] = ()) -> dict[str, dict[str, float | None]]:
        """Return other readings of the estimand, by name and context: medians over the replicas that are counted."""
        found: dict[str, dict[str, float | None]] = {}
        for entry in self._looked_at(look, only):
            for name, value in entry.secondary.items():
                numbers = value.evaluate(reader.at(look))
                kept = numbers.finite & numbers.applicable
                found.setdefault(name, {})[str(entry.context)] = median(numbers.low[kept], numbers.high[kept])
        return found

    def _looked_at(self, look: Look, only: Collection[str]) -> list[Entry]:
        among = look.fresh_for or only
        return [entry for text, entry in self.entries.items() if not among or text in among]


@dataclass
class Rehearsing(Collected):
    """A search, run to check what it names: nothing is measured, as if no replica could be judged."""

    def examine(self, claim: Claim, entry: Entry) -> float | None:
        """Take down what would be looked at."""
        self._check(claim, entry)
        self.entries.setdefault(str(entry.context), entry)
        return None

    def asked(self) -> dict[str, str]:
        """Return the estimand in the first context, which is the smallest, and how many are examined at most."""
        first = next(iter(self.entries.values()))
        return {"estimand": str(first.value), "bound": str(Searching.bound)}

    def _check(self, claim: Claim, entry: Entry) -> None:
        self._own(claim)
        if _lives(entry):
            expected = "a VAE of the study: somebody's model has no fresh seeds, which confirm a counterexample"
            raise InvalidValue("examine", str(entry.context), expected)

    def check_complete(self) -> None:
        """Refuse a search that examines nothing."""
        if not self.entries:
            raise EvidenceError(f"{self.claim.id}: expected a search to examine a VAE, by lab.examine(CLAIM, value).")


@dataclass
class Searching(Rehearsing):
    """A search for a counterexample: it asks as it goes, while other requests train.

    Attributes:
        look: The look that is searched at.
        reader: Reads what was asked for.
        ensure: Waits until what is wanted is in the store.
        bound: Contexts that may be examined, shrinking included.
    """

    look: Look = field(kw_only=True)
    reader: Reader = field(kw_only=True)
    ensure: Callable[[Wanted], None] = field(kw_only=True)
    bound: int = 24

    def examine(self, claim: Claim, entry: Entry) -> float | None:
        """Look at one VAE: see :meth:`study.lab.lab.Lab.examine`."""
        self._check(claim, entry)
        text, search = str(entry.context), claim.search
        if search is None:
            raise InvalidValue("search", None, f"an estimand, in the claim {claim.id!r}")
        if text not in self.entries and len(self.entries) >= self.bound:
            return None  # not examined: whatever it is, it is not found
        self.entries.setdefault(text, entry)
        self.ensure(_requests(entry.value.leaves(), self.look, self.reader.setting))
        numbers = entry.value.evaluate(self.reader.at(self.look))
        kept = numbers.finite & numbers.applicable
        sample = Sample(text, numbers.low[kept], numbers.high[kept])
        if decided_against(sample, search.threshold):
            raise Counterexample(f"all but few of {sample.replicas} replicas < {search.threshold:g} for {text}")
        return sample.median

    def sizes(self) -> dict[str, int]:
        """Return the contexts examined and the parameters of their VAEs: from small to large, then from plain on."""

        def order(entry: Entry) -> tuple[int, tuple[int, ...]]:
            return _size(entry), () if isinstance(entry.context, str) else entry.context.rank

        ordered = sorted(self.entries.values(), key=order)
        return {str(entry.context): _size(entry) for entry in ordered}


@dataclass
class Proving(Collected):
    """An exact claim: its cases are counted, the largest error is kept.

    Attributes:
        cases: Cases tried, those of shrinking left out.
        largest: Largest error, in the claim's unit.
        violated: Error of the last case that was violated; None for none.
    """

    cases: int = 0
    largest: float = 0.0
    violated: float | None = None

    @cached_property
    def tolerance(self) -> float:
        """Largest error that is allowed: the threshold of its estimand."""
        return float(self.claim.of(self.parameters).threshold)

    def exact(self, claim: Claim, error: float) -> None:
        """Take one case down: see :meth:`study.lab.lab.Lab.exact`."""
        self._own(claim)
        if isinstance(error, Value) or not isinstance(error, (int, float, np.number)):
            raise InvalidValue("error", type(error).__name__, "a number")
        size = abs(float(error))
        if not size <= self.tolerance:  # NaN is no small error
            self.violated = size
            raise Violation(f"error {size:.3g} > tolerance {self.tolerance:g}")
        if self.violated is None:
            self.cases += 1
            self.largest = max(self.largest, size)


class Probed(BaseException):
    """Ends the probing of an identity, past whatever catches exceptions in between."""


@dataclass
class Probing(Collected):
    """An exact claim, run up to its first case: what it is made of is then known to work."""

    def exact(self, claim: Claim, error: float) -> None:
        """Stop."""
        self._own(claim)
        raise Probed

    def check_complete(self) -> None:
        """Refuse nothing: whether it has cases is seen when it is run."""


def _requests(leaves: Iterable[tuple[Trial, Measure]], look: Look, setting: Setting) -> dict[Block, set[Measure]]:
    """Return the blocks of some trials at a look, and what is wanted of each."""
    found: dict[Block, set[Measure]] = {}
    for trial, measure in leaves:
        for block in look.blocks(trial, setting) if isinstance(trial, Own) else ():
            found.setdefault(block, set()).add(measure)
    return found


def _values(entry: Entry) -> Iterator[Value]:
    yield entry.value
    yield from entry.secondary.values()


def _lives(entry: Entry) -> set[Live]:
    return {trial for trial, _ in entry.value.leaves() if isinstance(trial, Live)}


def _numbers(entry: Entry) -> tuple[str, ...]:
    """Return numbers of one's own as texts, of which NaN equals NaN; nothing where the study measures."""
    return tuple(map(repr, entry.value.numbers.tolist())) if isinstance(entry.value, Given) else ()


def _size(entry: Entry) -> int:
    configs: Iterable[VAEConfig] = (trial.config for trial, _ in entry.value.leaves() if isinstance(trial, Own))
    return max((config.parameter_count for config in configs), default=0)
