"""The rows of a run as they are registered: what is fixed of each, since when, and what is predicted of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from study.errors import InvalidValue
from study.evidence import predictions
from study.evidence.admission import Bound
from study.evidence.checkout import committed
from study.evidence.fingerprint import Registration
from study.evidence.predictions import Overturned
from study.lab.bodies import Body
from study.lab.collecting import Collected


@dataclass(frozen=True, eq=False)
class Register:
    """What is registered of the rows of a run.

    Attributes:
        bodies: The tests of the claims.
        fixed: Id of a test → what is fixed of its row.
        overturned: Predictions that evidence overturned, of all claims in the folders of these.
        unchanged: Files of claims that are committed as they stand.
        usual: Whether the run takes the looks of its scale.
    """

    bodies: tuple[Body, ...] = ()
    fixed: Mapping[str, Registration] = field(default_factory=dict)
    overturned: tuple[Overturned, ...] = ()
    unchanged: frozenset[Path] = frozenset()
    usual: bool = True

    @classmethod
    def of(cls, rows: Mapping[Body, Collected], *, usual: bool) -> Register:
        """Take rows as they were collected.

        Raises:
            EvidenceError: An overturned prediction is damaged, or of a row that its claim does not declare.
        """
        files = {body.file for body in rows if body.file}
        overturned = tuple(
            one for folder in sorted({file.parent for file in files}) for one in predictions.read(folder)
        )
        for claim in {body.claim.id: body.claim for body in rows}.values():
            predictions.check(overturned, claim)
        fixed = {body.id: body.registration(row) for body, row in rows.items()}
        return cls(tuple(rows), fixed, overturned, frozenset(filter(committed, files)), usual)

    @property
    def folder(self) -> Path:
        """Folder of the claims, or of the first that has one."""
        return next((body.file.parent for body in self.bodies if body.file), Path())

    def date(self, body: Body) -> str:
        """Return when the claim of a row was registered, or nothing if the row may not be recorded."""
        return body.claim.registered if self.usual and body.file in self.unchanged else ""

    def terms(self, body: Body, root: str) -> dict[str, Any]:
        """Return what a row says of its registration, and of its prediction on a seed root."""
        overturned = predictions.of_row(self.overturned, body.claim.id, body.parameters, body.lab.data)
        hindsight = any(one.seed_root == root for one in overturned)
        standing = overturned[-1].found.value if overturned else body.estimand.predicted
        return {
            "predicted": "" if hindsight else standing,
            "overturned": "; ".join(map(str, overturned)),
            "registered": self.date(body),
            "fingerprint": self.fixed[body.id].fingerprint,
            "registration": self.fixed[body.id],
        }

    def check_bound(self, bound: Bound, scale: str, root: str) -> None:
        """Refuse what moves anything that was fixed when data were seen, at whatever scale and on whatever backend.

        Args:
            bound: What is recorded, and binds.
            scale: Scale of the run.
            root: Its seed root; a replication on another one binds nothing and is bound by nothing.

        Raises:
            EvidenceError: A row is gone, or its registration, unit, zero or prediction has moved.
        """
        for claim in {body.claim.id: body.claim for body in self.bodies}.values():
            bound.check_declared(claim)
        for body in self.bodies:
            said = {"unit": body.estimand.unit, "zero": body.estimand.zero}
            terms = self.terms(body, body.claim.seed_root or root)
            if terms["predicted"] or not terms["overturned"]:
                said["predicted"] = terms["predicted"]
            bound.check_row(body.row, scale, self.fixed[body.id], **said)

    def check_recordable(self) -> None:
        """Refuse to record rows that are exploratory whatever comes out.

        Raises:
            InvalidValue: Other looks than those of the scale, a draft, a claim whose file is not committed, or a
                prediction without a basis or a date.
        """
        for body in self.bodies:
            if not self.usual:
                raise InvalidValue("--study-replicas", "other looks", "those of the scale, where evidence is recorded")
            if not body.claim.registered:
                raise InvalidValue(f"registered of {body.claim.id}", "", "a date, as a draft is not recorded")
            if not self.date(body):
                raise InvalidValue(
                    str(body.file or body.id), "changes", "a committed file, as evidence is recorded: commit it first"
                )
            if body.estimand.predicted and not (body.estimand.basis and body.estimand.dated):
                raise InvalidValue(f"predicted of {body.id}", body.estimand.predicted, "a basis and a date beside it")
