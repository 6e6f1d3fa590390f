"""The answer in one paragraph, at most five sentences: which words come from which verdicts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from study.design.grids import SCALES
from study.evidence.records import GIVEN, VerdictRow
from study.report import text
from study.report.findings import MOST, SMALL, Finding
from study.report.words import SPLIT
from study.verdicts.kinds import Verdict

QUESTION = "Why may one generate by decoding z ~ N(0, I)?"
"""The question of the study, which the paragraph answers."""
NAMES = {"digits": "scikit-learn's digits", **text.IMAGES}
"""Data set → what readers call it."""
SENTENCES = 5
"""Sentences that the answer may have."""
PARTS = (("", (Verdict.SUPPORTED,)), ("but ", (Verdict.REFUTED,)), ("", (Verdict.MIXED, SPLIT)))
"""The parts of a sentence, in order: how each begins, and the words whose clauses it joins."""


class Sentence(NamedTuple):
    """A sentence of the answer: the words that it begins with, and what follows them."""

    lead: str
    rest: str

    def __str__(self) -> str:
        """Return it whole."""
        return f"{self.lead}{self.rest}"


def answer(findings: Sequence[Finding], rows: Sequence[VerdictRow]) -> list[Sentence]:
    """Answer the question from the findings of the table.

    A chapter has one sentence: what holds, *but* what was claimed and does not hold, then on what architectures or
    backends contradict each other. The last chapter, generation, answers the question, and so stands first; those
    before it give the reasons. What is undecided is counted at the end.

    Args:
        findings: One a question, in reading order; those beyond the table are left out.
        rows: Every row, for what the answer rests on.

    Returns:
        At most five sentences; the last says of what all is said. A clause is one of :attr:`Finding.summed`.
    """
    told = findings[:MOST]
    chapters: dict[str, list[Finding]] = {}
    for one in told:
        chapters.setdefault(one.words.chapter, []).append(one)
    sentences = [Sentence(f"{_title(name)}:", said) for name, members in chapters.items() if (said := _joined(members))]
    undecided = sum(line.rows for one in told for line in one.lines if line.verdict == Verdict.INCONCLUSIVE)
    return [*reversed(sentences[1 - SENTENCES :]), scope(rows, undecided)] if told else []


def _title(chapter: str) -> str:
    """Return the title of a chapter without its number."""
    return re.sub(r"^\d+\.\s*", "", chapter) or "Found"


def _joined(members: Sequence[Finding]) -> str:
    parts: list[str] = []
    for begin, verdicts in PARTS:
        clauses = [clause for one in members for verdict in verdicts for clause in one.summed.get(verdict, ())]
        if clauses:
            parts.append(begin * bool(parts) + "; ".join(dict.fromkeys(clauses)))  # "but" needs what it contradicts
    return f" {'; '.join(parts)}." if parts else ""


def scope(rows: Sequence[VerdictRow], undecided: int = 0) -> Sentence:
    """Say on what data, at which scales and by which backends all this was found, and what was not tried."""
    by: dict[str, list[str]] = {}
    for row in rows:
        by.setdefault(row.data, []).extend([] if row.backend == GIVEN else [row.backend])
    data = [
        NAMES.get(one, one) + (f" ({text.listing(sorted(set(names)))})" if names else "") for one, names in by.items()
    ]
    tried = [scale for scale in SCALES if any(row.scale == scale for row in rows)]
    backends = any(by.values())
    run = f", at scale {text.listing(tried)}" if tried and backends else ""
    left = f"; undecided: {text.plural(undecided, 'row')}" if undecided else ""
    of = "small VAEs of KL weight 1" if backends else "small VAEs"
    not_tried = text.listing(untried(rows))
    return Sentence("All this is said of", f" {of} on {text.listing(data)}{run}{left}; not tried: {not_tried}.")


def scales() -> str:
    """Say what the scales train on, e.g. ``Scale quick: digits; standard: digits and 10,000 images of MNIST.``."""
    said = []
    for scale, sets in SCALES.items():
        each = (
            f"{count:,} images of {text.images(data)}" if count else text.images(data) for data, count in sets.items()
        )
        said.append(f"{scale}: {text.listing(each)}")
    return f"Scale {'; '.join(said)}."


def untried(rows: Sequence[VerdictRow]) -> list[str]:
    """Return what no row is about: data sets of the study, images of other kinds, a GPU."""
    seen = {row.data for row in rows}
    known = dict.fromkeys(name for sets in SCALES.values() for name in sets)
    missing = [NAMES.get(name, name) for name in known if name not in seen]
    larger = ["larger images", "other likelihoods", "convolutional networks"] if seen <= set(SMALL) else []
    cpu = all("cpu" in row.device.lower() for row in rows if row.backend != GIVEN)
    return [*missing, *larger, *(["a GPU"] if cpu else [])]
