"""What stands where a run would write, and what a run may write beside or over it: checked before anything is trained.

A registered row binds its claim: it is replaced by the same row under the same registration only, and never by fewer
replicas. The rows of drafts overwrite each other.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from study.errors import EvidenceError, InvalidValue
from study.evidence.fingerprint import Registration
from study.evidence.manifest import row_key
from study.evidence.records import Evidence, Identity, VerdictRow
from study.evidence.store import Store
from study.verdicts.counting import allowed
from study.verdicts.judgement import CONTEXT_ALPHA
from study.verdicts.kinds import Kind
from study.verdicts.looks import BUDGET, row_alpha

if TYPE_CHECKING:
    from study.design.claim import Claim

DRAFTS = "drafts"
"""Seed root of what is not registered: what is registered after a look at a draft meets fresh seeds."""
ANEW = (
    "register the claim anew: another `registered` date, a `seed_root` of its own, and its rows moved by "
    '`study judge --reason "…" --retire'
)


@dataclass(frozen=True)
class Standing:
    """The evidence of one scale and backend, each file read once.

    Attributes:
        folder: Where it lies.
        evidence: Claim id → its evidence.
    """

    folder: Path
    evidence: Mapping[str, Evidence]

    @classmethod
    def of(cls, store: Store, scale: str, backend: str) -> Standing:
        """Read what a store holds.

        Raises:
            EvidenceError: A file is damaged or of another schema version.
        """
        found = {evidence.claim: evidence for evidence in store.evidence(scale, backend)}
        return cls(store.root / scale / backend, found)

    def check_unmixed(self, claim: str | None = None, **settings: str) -> None:
        """Make sure that no row would stand beside rows of another setting.

        Args:
            claim: Look at the rows of this claim only; None for all.
            **settings: Fields of a row, ``seed_root`` and ``precision``, with the values of the run.

        Raises:
            InvalidValue: Rows of another setting are recorded here.
        """
        looked_at = self.evidence.values() if claim is None else filter(None, [self.evidence.get(claim)])
        for row in (row for evidence in looked_at for row in evidence.rows):
            for name, value in settings.items():
                there = getattr(row, name)
                if name == "seed_root" and claim and not row.registered and DRAFTS in (there, value):
                    continue  # what a draft found is overwritten by what is registered, and the other way round
                if there != value:
                    expected = f"{there!r}, whose evidence is in {self.folder}; or another folder by --study-results"
                    raise InvalidValue(f"--study-{name.replace('_', '-')}", value, expected)

    def check_design(self, claim: str, design: Sequence[str], again: Collection[Identity]) -> None:
        """Make sure that no row of a claim would stand beside rows of another design.

        Args:
            claim: Claim id.
            design: Canonical texts of the contexts of its design.
            again: Identities of the rows that the run judges: they may replace those of another design.

        Raises:
            InvalidValue: Other rows rest on another design.
        """
        old = self.evidence.get(claim)
        if old is None or old.design == tuple(design):
            return
        if kept := [row for row in old.rows if row.identity not in again]:
            there = f"{list(old.design)}, on which {len(kept)} other rows in {self.folder} rest"
            expected = f"{there}; or run all rows of the claim"
            raise InvalidValue(f"design of {claim}", list(design), f"{expected}, or name another --study-results")

    def check_date(self, claim: str, registered: str) -> None:
        """Make sure that a claim has the date at which its recorded rows were registered.

        Raises:
            EvidenceError: It has another, or none any more.
        """
        evidence = self.evidence.get(claim)
        dates = sorted({row.registered for row in evidence.rows if row.registered}) if evidence else []
        if other := [date for date in dates if date != registered]:
            seen = f"the claim was registered {other[0]!r} when the data in {self.folder} were seen"
            raise EvidenceError(f"{claim}: {seen}, and is registered {registered!r} now; {ANEW} {claim}`.")

    def check_row(
        self, row: Identity, registration: Registration, *, registered: str, looks: Sequence[int], scratch: bool
    ) -> None:
        """Make sure that a row may take the place of what is recorded of it.

        Args:
            row: Identity of the row.
            registration: What is fixed of it.
            registered: When its claim was registered; ``""`` for a row that will be exploratory.
            looks: Replicas at each look.
            scratch: Whether the folder is for local runs, where nothing binds.

        Raises:
            InvalidValue: It would replace more replicas.
            EvidenceError: What is recorded binds the claim, and something has moved since.
        """
        rows = self.evidence[row[0]].rows if row[0] in self.evidence else ()
        old = next((one for one in rows if one.identity == row), None)
        if old is None:
            return
        name, here = row_key(old), f"in {self.folder}; or another folder by --study-results"
        if max(looks, default=0) < max(old.looks, default=0):
            expected = f"at least {max(old.looks)}, as fewer never replace more {here}"
            raise InvalidValue(f"replicas of {name}", max(looks, default=0), expected)
        if scratch or not old.registered:
            return
        if not registered:
            why = "a draft, a claim whose file is not committed, or fewer replicas than the scale takes"
            raise EvidenceError(f"{name}: expected a registered row, as that {here}; received {why}.")
        if old.fingerprint != registration.fingerprint:
            moved = registration.moved(old.registration) if old.registration else ""
            said = f"{moved or 'another row was registered'} ({self.folder}: these data were seen before)"
            raise EvidenceError(f"{name}: {said}; {ANEW} {row[0]}`.")


@dataclass(frozen=True)
class Bound:
    """The registered rows of a folder, at whatever scale and on whatever backend: what they fixed binds all of them.

    Attributes:
        rows: The rows.
    """

    rows: tuple[VerdictRow, ...]

    @classmethod
    def of(cls, store: Store) -> Bound:
        """Read what a store holds.

        Raises:
            EvidenceError: A file is damaged or of another schema version.
        """
        return cls(tuple(row for row in store.rows() if row.registered))

    def check_declared(self, claim: Claim) -> None:
        """Make sure that a claim has lost no row that was recorded, under a new name neither.

        Raises:
            EvidenceError: It declares one no more.
        """
        for row in self.rows:
            scope = claim.on(row.data)
            kept = scope.search if row.kind == Kind.SEARCH else scope.has(row.parameters)
            if row.claim == claim.id and not kept:
                raise EvidenceError(
                    f"{row_key(row)}: recorded ({_where(row)}), and no row of the claim now; {ANEW} {claim.id}`."
                )

    def check_row(self, row: Identity, scale: str, registration: Registration, **said: object) -> None:
        """Make sure that a row is what it was when its data were seen at another scale, or on another backend.

        Args:
            row: Identity of the row.
            scale: Scale of the run; only within one are levels of a sweep, and so the estimand's text, the same.
            registration: What is fixed of it.
            **said: What its claim says of it beside: ``unit``, ``zero`` and ``predicted``.

        Raises:
            EvidenceError: Something has moved since.
        """
        for old in (one for one in self.rows if one.identity == row):
            moved = [
                f"the {name} was {getattr(old, name)!r}, and is {now!r} now"
                for name, now in said.items()
                if now != getattr(old, name)
            ]
            seen = old.registration
            if seen is not None and old.scale == scale:
                moved.append(registration.moved(seen))
            elif seen is not None:
                moved.append(replace(registration, asked={}).moved(replace(seen, asked={})))
            if any(moved):
                seen_in = f"{'; '.join(filter(None, moved))} ({_where(old)}: these data were seen before)"
                raise EvidenceError(f"{row_key(old)}: {seen_in}; {ANEW} {row[0]}`.")


def _where(row: VerdictRow) -> str:
    return f"{row.scale}, {row.backend}"


def check_enough(name: str, registration: Registration, looks: Sequence[int]) -> None:
    """Make sure that a row can be decided at all.

    Args:
        name: The row.
        registration: What is fixed of it.
        looks: Replicas at each look.

    Raises:
        InvalidValue: Not even all of its VAEs on one side would decide it.
    """
    if registration.kind == Kind.EXACT:
        return
    most = registration.kind == Kind.MOST
    counted = len(registration.contexts) if most else 1
    level = row_alpha(BUDGET, registration.declared, looks) if most else CONTEXT_ALPHA
    if allowed(counted * looks[-1], level) < 0:
        least = next(n for n in itertools.count(looks[-1]) if allowed(counted * n, level) >= 0)
        where = f"in each of {counted} contexts" if counted > 1 else "in a context"
        raise InvalidValue(f"replicas of {name}", looks[-1], f"at least {least} {where}, as fewer decide nothing")
