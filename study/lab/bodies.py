"""The bodies of claims: how one is run, and what is said of one that cannot be."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from study.design.claim import Claim, Estimand, Scope
from study.errors import InvalidValue, StudyError
from study.evidence.fingerprint import Registration
from study.evidence.records import Identity
from study.lab.artefacts import Setting
from study.lab.collecting import Collected, Probed, Probing, Rehearsing
from study.lab.lab import Lab, Recorder
from study.lab.reading import Look
from study.verdicts.kinds import Kind

EVERY = {"form": "every VAE"}
"""Parametrisation of the row of a search."""


@dataclass(frozen=True, eq=False)
class Body:
    """The body of one claim's test, without its test runner.

    Attributes:
        id: What the test runner calls it.
        call: Runs it: over its design, its cases, or as far as a search goes.
        claim: The claim.
        parameters: The parametrisation.
        lab: The lab that it is given.
        search: Whether it searches for a counterexample.
        file: The file of its claim; None where it has none.
    """

    id: str
    call: Callable[[], object]
    claim: Claim
    parameters: Mapping[str, str]
    lab: Lab
    search: bool = False
    file: Path | None = None

    @classmethod
    def of(
        cls,
        name: str,
        call: Callable[[], object],
        claim: Claim,
        given: Mapping[str, object],
        lab: Lab,
        *,
        search: bool,
        stray: Sequence[str] = (),
        file: Path | None = None,
    ) -> Body:
        """Take a test.

        Args:
            name: What the test runner calls it.
            call: Runs its body.
            claim: The CLAIM of its module.
            given: Its parameters.
            lab: The lab that it is given.
            search: Whether it is marked as a search.
            stray: What else it asks for.
            file: The file of its claim.

        Raises:
            InvalidValue: It asks for more than a body may have, or is no row that the claim declares.
        """
        if stray:
            raise InvalidValue(name, f"the fixture {stray[0]!r}", "the lab, its parameters and what @given draws")
        parameters = EVERY if search else {key: str(value) for key, value in given.items()}
        if not search and not claim.whole.has(parameters):
            declared = {key: list(map(str, values)) for key, values in claim.parameters.items()}
            raise InvalidValue(name, parameters, f"a row that CLAIM.parameters declares: {declared}")
        return cls(name, call, claim, parameters, lab, search, file)

    @property
    def row(self) -> Identity:
        """Identity of its row."""
        return self.claim.id, tuple(sorted(self.parameters.items())), self.lab.data

    @property
    def scope(self) -> Scope:
        """What of its claim is put to the test on its data set."""
        return self.claim.on(self.lab.data)

    @property
    def left_out(self) -> bool:
        """Whether its claim does not put it to the test on its data set."""
        if self.search:
            return self.claim.search is not None and not self.scope.search
        return not self.scope.has(self.parameters)

    @property
    def waits(self) -> bool:
        """Whether it is run when it is its turn, since it looks at values: a search, or an exact claim."""
        return self.kind in (Kind.SEARCH, Kind.EXACT)

    @property
    def kind(self) -> Kind:
        """What its row is said of: most VAEs, every one; or it is an identity, or a search."""
        return Kind.SEARCH if self.search else Kind(self.estimand.kind)

    @property
    def estimand(self) -> Estimand:
        """What its row is about.

        Raises:
            InvalidValue: It searches, and its claim has no form that a counterexample would refute.
        """
        if not self.search:
            return self.claim.of(self.parameters)
        if self.claim.search is None:
            raise InvalidValue("search", None, f"an estimand, in the claim {self.claim.id!r}")
        return self.claim.search

    def run(self, recorder: Recorder) -> None:
        """Run it, with a recorder behind its lab."""
        self.lab.recorder = recorder
        try:
            self.call()
        finally:
            self.lab.recorder = None

    def collected(self, setting: Setting) -> Collected:
        """Run it once, over its whole design: it names values and observes them, and nothing trains.

        A search is rehearsed: what it names is checked, and forgotten.

        Raises:
            StudyError: What is wrong with it, in one line that names it.
        """
        try:
            self.claim.declared(self.lab.data)
            how = {Kind.SEARCH: Rehearsing, Kind.EXACT: Probing}.get(self.kind, Collected)
            row = how(self.claim, self.parameters, self.lab.data)
            with suppress(Probed):
                self.run(row)
            row.check_complete()
            row.wanted(Look(), setting)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # of whatever kind, a skip too: it is the author's
            kind = "" if isinstance(error, StudyError) else f"{type(error).__name__}: "
            marked = "" if isinstance(error, Exception) else "; a body neither skips nor fails, mark its test instead"
            raise StudyError(f"{self.id}: {kind}{' '.join(str(error).split())}{marked}") from error
        return row

    def registration(self, row: Collected) -> Registration:
        """Return what is fixed of its row before its data are seen.

        Args:
            row: The row as it was collected.
        """
        asked = row.asked()
        if self.waits:
            tried, drawn_from = _given(self.call)
            asked |= {"grid" if self.search else "strategy": drawn_from, "cases": tried}
        return Registration(
            kind=self.kind.value,
            threshold=repr(float(self.estimand.threshold)),
            declared=self.claim.declared(self.lab.data),
            contexts=() if self.waits else self.scope.places,
            asked=dict(sorted(asked.items())),
        )


def _given(call: Callable[[], object]) -> tuple[str, str]:
    """Return how many cases Hypothesis tries, and what it draws them from; of a test that it does not run, one."""
    test = getattr(call, "func", call)
    tried = getattr(test, "_hypothesis_internal_use_settings", None)
    strategies = getattr(getattr(test, "hypothesis", None), "_given_kwargs", {})
    text = ", ".join(f"{name}={strategy!r}" for name, strategy in strategies.items())
    return str(tried.max_examples if tried else 1), text


def check_one_file(files: dict[str, Path], claim: str, file: Path) -> None:
    """Refuse a second file with a claim of one id, whichever of its tests are run.

    Args:
        files: Claim id → its file, as far as known; it is added to.
        claim: Claim id.
        file: The file.
    """
    if (first := files.setdefault(claim, file)) != file:
        raise InvalidValue("id", claim, f"an id of its own; that of {first.name} is the same")


def check_distinct(bodies: Sequence[Body]) -> None:
    """Refuse two claims of one id, and two tests of one row: they would share its evidence.

    Raises:
        InvalidValue: Naming the second of two tests.
    """
    claims: dict[str, Body] = {}
    rows: dict[Identity, Body] = {}
    for body in bodies:
        first = claims.setdefault(body.claim.id, body)
        if first.claim is not body.claim:
            raise InvalidValue(body.id, body.claim.id, f"an id of its own; that of {first.id} is the same")
        first = rows.setdefault(body.row, body)
        if first is not body:
            raise InvalidValue(body.id, dict(body.parameters), f"a row of its own; {first.id} is the same row")


def drawn(notes: Iterable[str], given: Collection[str]) -> str:
    """Return what Hypothesis drew in a failing case, from the notes on its error.

    Args:
        notes: The notes; the call of the test stands in one of them, an argument a line.
        given: Arguments that Hypothesis did not draw, which are left out.
    """
    text = re.sub(r" *# or any other generated value$", "", "\n".join(notes), flags=re.MULTILINE)
    call = text.partition("(\n")[2].partition("\n)")[0]
    whole = (
        " ".join(argument.split()).rstrip(",") for argument in re.split(r"^    (?=\w+=)", call, flags=re.MULTILINE)
    )
    kept = [one for one in whole if one and one.partition("=")[0] not in given and not one.endswith("=data(...)")]
    return ", ".join([*kept, *re.findall(r"^Draw \d.*$", text, re.MULTILINE)]) or "a case that Hypothesis did not draw"
