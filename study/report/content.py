"""All that the pages show, gathered once from the evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from study.evidence import history, predictions
from study.evidence.predictions import Overturned
from study.evidence.records import GIVEN, ClaimWords, Evidence, VerdictRow
from study.evidence.store import Store
from study.report import (
    answer,
    calibration,
    controls,
    length,
    phrases,
    published,
    reliability,
    runs,
    specifications,
    summary,
    text,
)
from study.report.charts.figure import Figure
from study.report.findings import MOST, Finding, findings
from study.report.headline import Group
from study.report.words import SPLIT, VERDICTS
from study.runtime.options import LOCAL, RECORDED
from study.verdicts.kinds import Kind, Verdict

STUDIES = {
    "published.json": "Hoffman & Johnson's published table (`python -m study.cli.published`)",
    "specifications.json": "Specification curves (`python -m study.cli.specifications`)",
    "reliability.json": "Kills, damage and other faults (`tox -e reliability`)",
}
"""Record of a study beside the claims → what it is, and the command."""


@dataclass(frozen=True, kw_only=True)
class Content:
    """What the pages show; each part but the rows may be missing.

    Attributes:
        rows: Every row, in reading order.
        claims: What each of their claims says of itself.
        evidence: The files that the rows stand in, with what they rest on.
        figures: The figures, in reading order.
        runs: Where the evidence came from.
        beside: What was studied beside the claims, a sentence each: how often the rule errs, what runs survive …
        length: What the length of training does.
        specifications: What other choices would have found.
        earlier: What is said of history.
        overturned: Predictions that evidence overturned.
        thresholds: Claim → its threshold in words.
        controls: Claim → the controls that its judge passed.
        speed: Whether speed was measured, and has its page.
        unrun: Studies beside the claims that were not run, in words.
        folder: Folder of the evidence, as commands name it.
    """

    rows: Sequence[VerdictRow]
    claims: Mapping[str, ClaimWords]
    evidence: Sequence[Evidence] = ()
    figures: Sequence[Figure] = ()
    runs: Sequence[runs.Run] = ()
    beside: Sequence[str] = ()
    length: length.Section | None = None
    specifications: specifications.Section | None = None
    earlier: str = ""
    overturned: Sequence[Overturned] = ()
    thresholds: Mapping[str, str] = field(default_factory=dict)
    controls: Mapping[str, Sequence[str]] = field(default_factory=dict)
    speed: bool = False
    unrun: Sequence[str] = ()
    folder: Path = Path(RECORDED)

    @cached_property
    def findings(self) -> list[Finding]:
        """One a question, all of them."""
        return findings(self.rows, self.claims, self.specifications.curves if self.specifications else None)

    @property
    def table(self) -> list[Finding]:
        """The findings that the table takes."""
        return self.findings[:MOST]

    @property
    def answer(self) -> list[answer.Sentence]:
        """The sentences that answer the question of the study."""
        return answer.answer(self.findings, self.rows)

    @cached_property
    def groups(self) -> list[Group]:
        """Every row, each with all backends that judged it at one scale, in the order of the chapters."""
        of_claim: dict[str, list[Group]] = {claim: [] for ids in self.chapters.values() for claim in ids}
        for group in summary.by_row(self.rows).values():
            of_claim[group[0].claim].append(group)
        return [group for groups in of_claim.values() for group in groups]

    @cached_property
    def chapters(self) -> dict[str, list[str]]:
        """Chapter → its claims."""
        return summary.chapters(self.claims)

    def groups_of(self, claim: str) -> list[Group]:
        """Return the rows of a claim."""
        return [group for group in self.groups if group[0].claim == claim]

    def figures_of(self, claim: str) -> list[Figure]:
        """Return the figures of a claim; those of several claims are ``""``'s."""
        return [figure for figure in self.figures if figure.claim == claim]

    def counted(self, claim: str | None = None) -> str:
        """Count the words of a claim's rows, or of all, whichever backends judged them, e.g. ``✔ 3 · ✘ 6``."""
        groups = self.groups if claim is None else self.groups_of(claim)
        words = summary.count(summary.consensus(group) for group in groups)
        names = {SPLIT: f"where {VERDICTS[SPLIT].answer}"}
        return " · ".join(f"{VERDICTS[word].mark} {count} {names.get(word, word)}" for word, count in words.items())

    @property
    def standing(self) -> str:
        """How all verdicts stand against their predictions, e.g. ``38 of 39 verdicts as predicted, 1 against``."""
        right = sum(row.verdict == row.predicted for row in self.rows)
        against = sum(map(len, self.surprises))
        undecided = sum(row.verdict == Verdict.INCONCLUSIVE for row in self.rows)
        found = f"{right} of {text.plural(len(self.rows), 'verdict')} as predicted"
        free = len(self.rows) - right - against - undecided
        others = {"against": against, "undecided": undecided, "not predicted": free}
        return found + "".join(f", {count} {what}" for what, count in others.items() if count)

    @property
    def surprises(self) -> list[list[VerdictRow]]:
        """Rows whose verdict contradicts a prediction."""
        return summary.surprises(self.rows)

    @property
    def against(self) -> dict[str, list[str]]:
        """Claim → its rows whose verdict contradicts a prediction, each named once however often it was judged."""
        found: dict[str, list[str]] = {}
        for row in (group[0] for group in self.surprises):
            about = f"{phrases.named(row, self.claims[row.claim].words)} on {text.images(row.data)}"
            if about not in (known := found.setdefault(row.claim, [])):
                known.append(about)
        return found

    @property
    def gaps(self) -> list[str]:
        """What is not known, and why: of what there is no row, what is undecided, where rows are contradicted."""
        found = [*summary.gaps(self.rows), *(f"{one}: not run." for one in self.unrun)]
        trained_on = dict.fromkeys(row.data for row in self.rows if row.kind != Kind.EXACT and row.backend != GIVEN)
        if self.length and (others := [text.images(data) for data in trained_on if data != self.length.data]):
            found.append(f"Length of training: not varied on {text.listing(others)}, where longer may say otherwise.")
        for group in self.groups:
            row, said = group[0], {one.verdict: one for one in group}
            if len(said) > 1:
                words = ", ".join(f"{one.verdict} on {one.backend}" for one in group)
                found.append(f"{self.named(row)}: backends differ ({words}).")
            elif row.verdict == Verdict.MIXED:
                found.append(f"{self.named(row)}: architectures contradict each other.")
            elif row.verdict == Verdict.INCONCLUSIVE:
                found.append(f"{self.named(row)}: undecided, {row.reason or 'the count is not clear'}.")
        return found

    def named(self, row: VerdictRow) -> str:
        """Name a row for a list: its claim, linked to its page, and which of the claim's rows it is."""
        words = self.claims[row.claim]
        about = f"{phrases.named(row, words.words)} on {text.images(row.data)}, {row.scale}"
        return f"{self.linked(row.claim)}, {text.md(about)}"

    def linked(self, claim: str) -> str:
        """Return what a claim says as a link to its page."""
        return f"[{text.md((self.claims[claim].statement or claim).rstrip('.'))}](claims/{claim}.md)"


def gather(store: Store, figures: Iterable[Figure], claims: Path | None, planted: Path | None) -> Content:
    """Read everything that the pages show.

    Args:
        store: The evidence.
        figures: Its figures.
        claims: Folder of the claims, whose overturned predictions are shown; None for none.
        planted: Folder of the controls; None for none.

    Raises:
        EvidenceError: Some of it is damaged.
    """
    from study.report import speed

    evidence = list(store.evidence())
    rows = summary.ordered(row for one in evidence for row in one.rows)
    return Content(
        rows=rows,
        claims={one.claim: one for one in evidence},
        evidence=evidence,
        figures=tuple(figures),
        runs=runs.runs(store.manifests()),
        beside=list(filter(None, (one.line(store.root) for one in (calibration, published, reliability)))),
        length=length.section(store.root),
        specifications=specifications.section(store),
        earlier=history.said(store.root),
        overturned=predictions.read(claims) if claims else (),
        thresholds={one.claim: controls.threshold(claims, one.claim) for one in evidence} if claims else {},
        controls={row.claim: controls.read(planted, row.claim) for row in rows} if planted else {},
        speed=any(speed.read(store.root)),
        unrun=[said for name, said in STUDIES.items() if not (store.root / name).exists()],
        folder=Path(LOCAL if store.root.name == Path(LOCAL).name else RECORDED),
    )
