"""One finding a question: what was said, the words with their numbers, what they mean, and how sure that is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from study.evidence.records import ClaimWords, VerdictRow
from study.report import phrases, text
from study.report.headline import Group, headline, largest, least_clear, margin
from study.report.specifications import Curve, fragile
from study.report.summary import chapters, consensus
from study.report.words import SPLIT, VERDICTS, letters
from study.verdicts.kinds import Kind, Verdict

MOST = 7
"""Questions that the table takes: those of the first chapters; the others are linked beneath it."""
SMALL = ("digits", "mnist", "fashion_mnist")
"""Data sets of small images."""
NOTE = (
    "Rows are those at KL weight 1 and the largest scale; the numbers beside a verdict are those of the least clear "
    "row that came to it. Where a row says that something is small, the number is the margin less what was measured, "
    "and the threshold 0. A letter a context: S supported, R refuted, I undecided, - not applicable. How sure: high, "
    "less a step for each reason. In brackets, who said it: question, answers and comments of one discussion."
)
"""What stands beneath the table."""
CERTAINTY = ("high", "moderate", "low", "very low")
"""How sure a finding is: a step down for each reason, as in Cochrane's tables."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """The rows of a question that came to one word; the numbers are those of the least clear of them.

    Attributes:
        verdict: The word, a key of :data:`study.report.words.VERDICTS`.
        rows: How many rows came to it.
        lead: The least clear of them.
        about: Which that is, in the claim's words; "" where it is the only row of the question.
        clauses: What its rows mean.
    """

    verdict: str
    rows: int
    lead: VerdictRow
    about: str
    clauses: tuple[str, ...]

    @property
    def word(self) -> str:
        """The word with its mark, and how many rows came to it where they are several."""
        look = VERDICTS[self.verdict]
        word = look.answer if self.verdict == SPLIT else self.verdict
        return f"{look.mark} {word}" + (f" in {self.rows} rows" if self.rows > 1 else "")

    @property
    def count(self) -> str:
        """What was counted of the lead."""
        return text.count(self.lead)

    @property
    def threshold(self) -> str:
        """The threshold of the lead."""
        return text.threshold(self.lead)

    @property
    def median(self) -> str:
        """The median of the lead with its interval."""
        return text.interval(self.lead.median, self.lead.low, self.lead.high)

    @property
    def letters(self) -> str:
        """A letter a context of the lead."""
        return letters(self.lead)

    @property
    def means(self) -> str:
        """What its rows mean, a sentence a clause; a symbol such as q(z) keeps its case."""
        return " ".join(f"{one if one[1:2] == '(' else one[:1].upper() + one[1:]}." for one in self.clauses)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What the evidence says to one question.

    Attributes:
        words: What the claim that answers it says of itself.
        lines: One a word, in the order of the words.
        summed: Word → what those rows mean, in brief, whose meaning the claim lists first.
        sure: How sure that is, one of :data:`CERTAINTY`.
        reasons: Why not surer.
        data: Data sets that it rests on.
    """

    words: ClaimWords
    lines: tuple[Line, ...]
    summed: Mapping[str, Sequence[str]]
    sure: str
    reasons: tuple[str, ...]
    data: tuple[str, ...]


def findings(
    rows: Iterable[VerdictRow], claims: Mapping[str, ClaimWords], curves: Mapping[str, Sequence[Curve]] | None = None
) -> list[Finding]:
    """Answer the questions of the claims from their headline rows, in the order of the chapters.

    Args:
        rows: All rows.
        claims: What the claims say of themselves, by id.
        curves: Specification curves, by claim, where they were recorded.
    """
    asked = [claim for ids in chapters(claims).values() for claim in ids if claims[claim].question]
    of: dict[str, list[VerdictRow]] = {claim: [] for claim in asked}
    for row in rows:
        if row.claim in of and headline(row):
            of[row.claim].append(row)
    # A theorem beside what was counted is no part of the finding: it has a page, as all have.
    of = {claim: [row for row in its if row.kind != Kind.EXACT] or its for claim, its in of.items() if its}
    trained_on = {row.data for its in of.values() for row in its if row.kind != Kind.EXACT}
    return [_finding(its, claims[claim], (curves or {}).get(claim, ()), trained_on) for claim, its in of.items()]


def _finding(
    rows: Sequence[VerdictRow], words: ClaimWords, curves: Sequence[Curve], everywhere: Collection[str]
) -> Finding:
    groups = largest(rows)
    lines = []
    clauses = phrases.clauses(groups, words)
    for verdict in VERDICTS:
        if members := [group for group in groups if consensus(group) == verdict]:
            lead = least_clear(members)
            named = phrases.named(lead, words.words) if len(groups) > 1 else ""
            several = len({group[0].data for group in groups}) > 1
            about = named + (f" on {text.images(lead.data)}" if several else "")
            told = tuple(clauses[verdict])
            lines.append(Line(verdict=verdict, rows=len(members), lead=lead, about=about, clauses=told))
    reasons = _reasons(rows, groups, curves)
    return Finding(
        words=words,
        lines=tuple(lines),
        summed=phrases.summed(groups, words, everywhere),
        sure=CERTAINTY[min(len(reasons), len(CERTAINTY) - 1)],
        reasons=reasons,
        data=tuple(dict.fromkeys(group[0].data for group in groups)),
    )


def _reasons(rows: Sequence[VerdictRow], groups: Sequence[Group], curves: Sequence[Curve]) -> tuple[str, ...]:
    """Say why a finding is not surer: imprecision, inconsistency, images unlike those that one cares about.

    Args:
        rows: At every scale: a backend that judged the small one, too, bears a word out.
        groups: Each row at its largest scale.
        curves: What other choices of network, training and images come to.
    """
    differ = sum(len({row.verdict for row in group}) > 1 for group in groups)
    trained = any(row.kind != Kind.EXACT for row in rows)
    backends: dict[str, set[str]] = {}
    for row in rows:
        backends.setdefault(row.data, set()).add(row.backend)
    alone = [text.images(data) for data, names in backends.items() if len(names) == 1]
    where = f" on {text.listing(alone)}" if len(alone) < len(backends) else ""
    small = trained and set(backends) <= set(SMALL)
    found = (
        _of(sum(map(_imprecise, groups)), len(groups), "undecided, or one VAE from being so"),
        _of(sum(map(_contradicted, groups)), len(groups), "contradicted by an architecture"),
        _of(differ, len(groups), "not the same on all backends"),
        *(f"other choices, as defensible, agree in {count} cases only" for count in fragile(curves)),
        f"one backend only{where}" if trained and alone else "",
        f"{text.images(next(iter(backends)))} only" if small and len(backends) == 1 else "",
        "small images only" * small,
    )
    return tuple(filter(None, found))


def _of(count: int, total: int, what: str) -> str:
    return "" if not count else what if total == 1 else f"{count} of {total} rows {what}"


def _imprecise(group: Group) -> bool:
    """Whether a row is undecided, or would be with one VAE fewer on its side, on some backend."""
    decided = (Verdict.SUPPORTED, Verdict.REFUTED)
    counted = [row for row in group if row.kind == Kind.MOST and row.verdict in decided]
    undecided = any(row.verdict == Verdict.INCONCLUSIVE for row in group)
    return undecided or any(margin(row)[0] < 1 for row in counted)


def _contradicted(group: Group) -> bool:
    """Whether a context by itself says the contrary of its row, or contexts contradict each other."""
    against = {Verdict.SUPPORTED.value: "REFUTED", Verdict.REFUTED.value: "SUPPORTED"}
    return any(
        row.verdict in (Verdict.MIXED, SPLIT)
        or (row.kind == Kind.MOST and any(one.verdict == against.get(row.verdict) for one in row.judged_in))
        for row in group
    )
