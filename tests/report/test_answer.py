"""The answer: at most five sentences with the question, and which words come from which verdicts."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from study.evidence.records import ClaimWords
from study.report.answer import QUESTION, SENTENCES, answer, scope
from study.report.findings import MOST, findings
from study.verdicts.kinds import Verdict

LEADS = dict(zip(("SUPPORTED", "REFUTED", "MIXED"), (begin for begin, _ in SENTENCES), strict=True)) | {
    "INCONCLUSIVE": "Open"
}


def _claims(count: int) -> dict[str, ClaimWords]:
    return {
        f"c{n}": ClaimWords(
            claim=f"c{n}", question="?", means={"": {"SUPPORTED": f"claim {n} holds", "REFUTED": f"claim {n} fails"}}
        )
        for n in range(count)
    }


@given(st.lists(st.sampled_from(list(Verdict)), min_size=1, max_size=MOST))
def test_every_clause_stands_in_the_sentence_of_its_verdict(make_row, verdicts: list[str]) -> None:
    """Held: as claimed. Refuted: against it. Mixed and undecided: open. None without a row; five with the question."""
    rows = [make_row(claim=f"c{n}", parameters={}, verdict=verdict) for n, verdict in enumerate(verdicts)]
    found = answer(findings(rows, _claims(len(rows))), rows)
    said = {one.lead.partition(":")[0]: one.rest for one in found}
    assert len(found) + 1 <= 5
    assert QUESTION.count("?") == 1
    assert set(said) == {LEADS[verdict] for verdict in verdicts} | {"All this is said of"}
    for n, verdict in enumerate(verdicts):
        assert f"claim {n} {'fails' if verdict == 'REFUTED' else 'holds'}" in said[LEADS[verdict]]
    assert all(not re.search(r"[.!?]\s+[A-Z]", str(one)) for one in found)


def test_no_more_than_the_table_is_answered(make_row) -> None:
    rows = [make_row(claim=f"c{n}", parameters={}) for n in range(MOST + 1)]
    said = str(answer(findings(rows, _claims(MOST + 1)), rows)[0])
    assert f"claim {MOST - 1} holds" in said
    assert f"claim {MOST} holds" not in said


def test_nothing_is_said_of_nothing() -> None:
    assert answer([], []) == []


def test_the_scope_names_what_was_not_tried(make_row) -> None:
    """Data of the study that no row is about, a GPU, other images; what was tried is not among it."""
    alone = str(scope([make_row()]))
    assert "on scikit-learn's digits (scale quick; jax)" in alone
    assert "not tried: MNIST, Fashion-MNIST, larger images" in alone
    assert alone.endswith("and a GPU.")
    more = str(scope([make_row(), make_row(data="mnist", scale="standard", backend="torch", device="cuda:0")]))
    assert "on scikit-learn's digits and MNIST (scale quick and standard; jax and torch)" in more
    assert "not tried: Fashion-MNIST, " in more
    assert "GPU" not in more
    assert "small VAEs on our scans; not" in str(scope([make_row(data="our scans", backend="given", device="given")]))
