"""The answer: at most five sentences with the question, and which words come from which verdicts."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from study.evidence.records import ClaimWords
from study.report.answer import QUESTION, SENTENCES, answer, scales, scope
from study.report.findings import MOST, findings
from study.verdicts.kinds import Verdict

CHAPTERS = ("1. Objective", "2. Mixture", "3. Capacity", "4. Generation")
BEGINS = {
    "SUPPORTED": "{}claim {} holds",
    "REFUTED": "{}claim {} fails",
    "MIXED": "{}in some architectures, but not in others, claim {} holds",
}


def _claims(count: int, chapters: tuple[str, ...] = ("1. Objective",)) -> dict[str, ClaimWords]:
    return {
        f"c{n}": ClaimWords(
            claim=f"c{n}",
            chapter=chapters[n % len(chapters)],
            question="?",
            means={"": {"SUPPORTED": f"claim {n} holds", "REFUTED": f"claim {n} fails"}},
        )
        for n in range(count)
    }


@given(st.lists(st.sampled_from(list(Verdict)), min_size=1, max_size=MOST))
def test_every_clause_stands_in_the_sentence_of_its_chapter(make_row, verdicts: list[str]) -> None:
    """What holds, but what does not, then what contradicts itself; the undecided is counted; the last chapter first."""
    rows = [make_row(claim=f"c{n}", parameters={}, verdict=verdict) for n, verdict in enumerate(verdicts)]
    found = answer(findings(rows, _claims(len(rows), CHAPTERS)), rows)
    said = {one.lead.removesuffix(":"): one.rest for one in found}
    assert len(found) <= SENTENCES
    assert QUESTION.count("?") == 1
    told = {n: verdict for n, verdict in enumerate(verdicts) if verdict != "INCONCLUSIVE"}
    names = [chapter.partition(" ")[2] for chapter in CHAPTERS]
    assert list(said) == [
        *(names[n] for n in (3, 2, 1, 0) if any(one % 4 == n for one in told)), "All this is said of",
    ]  # fmt: skip
    for n, verdict in told.items():
        parts = said[names[n % 4]]
        assert BEGINS[verdict].format("", n) in parts
        refuted = [one for one in told if one % 4 == n % 4 and told[one] == "REFUTED"]
        holds = any(one % 4 == n % 4 and told[one] == "SUPPORTED" for one in told)
        assert parts.count("but claim") == (bool(refuted) and holds)
    undecided = verdicts.count("INCONCLUSIVE")
    assert ("undecided: " in found[-1].rest) == bool(undecided)
    assert f"undecided: {undecided} row" in found[-1].rest or not undecided
    assert all(not re.search(r"[.!?]\s+[A-Z]", str(one)) for one in found)


def test_more_chapters_than_sentences_leave_out_the_first(make_row) -> None:
    chapters = tuple(f"{n}. Title {n}" for n in range(MOST))
    rows = [make_row(claim=f"c{n}", parameters={}) for n in range(MOST)]
    leads = [one.lead for one in answer(findings(rows, _claims(MOST, chapters)), rows)]
    assert leads == ["Title 6:", "Title 5:", "Title 4:", "Title 3:", "All this is said of"]


def test_a_claim_without_a_chapter_has_its_sentence(make_row) -> None:
    rows = [make_row(claim="c0", parameters={})]
    assert str(answer(findings(rows, _claims(1, ("",))), rows)[0]) == "Found: claim 0 holds."


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
    assert "on scikit-learn's digits (jax), at scale quick; not tried" in alone
    assert "not tried: MNIST, Fashion-MNIST, larger images" in alone
    assert alone.endswith("and a GPU.")
    more = str(scope([make_row(), make_row(data="mnist", scale="standard", backend="torch", device="cuda:0")]))
    assert "on scikit-learn's digits (jax) and MNIST (torch), at scale quick and standard; not tried" in more
    assert "not tried: Fashion-MNIST, " in more
    assert "GPU" not in more
    assert "small VAEs on our scans; not" in str(scope([make_row(data="our scans", backend="given", device="given")]))


def test_scales_are_told_by_what_they_train_on() -> None:
    said = "Scale quick: digits; standard: digits and 10,000 images of MNIST; full: MNIST and Fashion-MNIST."
    assert scales() == said
