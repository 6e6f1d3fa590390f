"""The answer in one paragraph, at most five sentences: which words come from which verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from study.design.grids import SCALES
from study.evidence.records import GIVEN, VerdictRow
from study.report import text
from study.report.findings import MOST, SMALL, Finding
from study.report.words import SPLIT

QUESTION = "Why may one generate by decoding z ~ N(0, I)?"
"""The question of the study, which the paragraph answers."""
NAMES = {"digits": "scikit-learn's digits", "mnist": "MNIST", "fashion_mnist": "Fashion-MNIST"}
"""Data set → what readers call it."""
SENTENCES = (
    ("As was claimed, at KL weight 1", ("SUPPORTED",)),
    ("Against what was claimed", ("REFUTED",)),
    ("Open", ("MIXED", "INCONCLUSIVE", SPLIT)),
)
"""The sentences, in order: how each begins, and the words whose clauses it joins."""


class Sentence(NamedTuple):
    """A sentence of the answer: the words that it begins with, and what follows them."""

    lead: str
    rest: str

    def __str__(self) -> str:
        """Return it whole."""
        return f"{self.lead}{self.rest}"


def answer(findings: Sequence[Finding], rows: Sequence[VerdictRow]) -> list[Sentence]:
    """Answer the question from the findings of the table.

    Args:
        findings: One a question, in reading order; those beyond the table are left out.
        rows: Every row, for what the answer rests on.

    Returns:
        At most four sentences: what holds, what does not, what stays open (each only if there is any), and of what that
        is said. A clause is one of :meth:`Finding.clauses`, word for word.
    """
    said = []
    for begin, verdicts in SENTENCES:
        clauses = [clause for one in findings[:MOST] for verdict in verdicts for clause in one.clauses.get(verdict, ())]
        if clauses:
            said.append(Sentence(f"{begin}:", f" {'; '.join(dict.fromkeys(clauses))}."))
    return [*said, scope(rows)] if said else []


def scope(rows: Sequence[VerdictRow]) -> Sentence:
    """Say on what data, at which scales and by which backends all this was found, and what was not tried."""
    data = [NAMES.get(one, one) for one in dict.fromkeys(row.data for row in rows)]
    scales = [scale for scale in SCALES if any(row.scale == scale for row in rows)]
    backends = sorted({row.backend for row in rows} - {GIVEN})
    run = f" (scale {text.listing(scales)}; {text.listing(backends)})" if scales and backends else ""
    return Sentence(
        "All this is said of", f" small VAEs on {text.listing(data)}{run}; not tried: {text.listing(untried(rows))}."
    )


def untried(rows: Sequence[VerdictRow]) -> list[str]:
    """Return what no row is about: data sets of the study, images of other kinds, a GPU."""
    seen = {row.data for row in rows}
    known = dict.fromkeys(name for sets in SCALES.values() for name in sets)
    missing = [NAMES.get(name, name) for name in known if name not in seen]
    larger = ["larger images", "other likelihoods", "convolutional networks"] if seen <= set(SMALL) else []
    cpu = all("cpu" in row.device.lower() for row in rows if row.backend != GIVEN)
    return [*missing, *larger, *(["a GPU"] if cpu else [])]
