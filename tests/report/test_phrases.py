"""Rows in plain words: which clause comes of which verdict."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.evidence.records import ClaimWords
from study.report import phrases
from study.verdicts.kinds import Verdict

MEANS = {
    "w": {"SUPPORTED": "width helps", "REFUTED": "width does not help", "opposite": "width hurts"},
    "d": {"SUPPORTED": "depth helps", "REFUTED": "depth does not help"},
}
NAMES = {"w": "a wider one", "2": "2 latents", "4": "4 latents"}
WORDS = ClaimWords(claim="c", statement="It holds.", words=NAMES, means=MEANS)


@pytest.mark.parametrize(
    ("verdict", "reason", "expected"),
    [
        ("SUPPORTED", "", "width helps"),
        ("REFUTED", "short of it", "width does not help"),
        ("REFUTED", "opposite", "width hurts"),
        ("MIXED", "", "in some architectures, but not in others, width helps"),
        ("INCONCLUSIVE", "floor-bound", "it is undecided whether width helps"),
        ("INCONCLUSIVE", "not applicable", "it cannot be asked whether width helps"),
    ],
)
def test_each_word_has_its_clause(make_row, verdict: str, reason: str, expected: str) -> None:
    """A reason that has words of its own comes before its verdict's."""
    assert phrases.meaning([make_row(parameters={"row": "w"}, verdict=verdict, reason=reason)], WORDS) == expected


def test_backends_that_contradict_each_other_are_told(make_row) -> None:
    rows = [make_row(parameters={"row": "d"}, backend=name, verdict=verdict)
            for name, verdict in (("jax", "SUPPORTED"), ("torch", "REFUTED"))]  # fmt: skip
    assert phrases.meaning(rows, WORDS) == "on some backends, but not on others, depth helps"


def test_a_reason_of_one_backend_is_not_that_of_all(make_row) -> None:
    rows = [make_row(parameters={"row": "w"}, backend=name, verdict="REFUTED", reason=reason)
            for name, reason in (("jax", "opposite"), ("torch", "short of it"))]  # fmt: skip
    assert phrases.meaning(rows, WORDS) == "width does not help"


def test_without_a_meaning_the_statement_holds_or_does_not(make_row) -> None:
    """Evidence that was recorded before claims said what their words mean."""
    old = ClaimWords(claim="c", statement="It holds.")
    assert phrases.meaning([make_row()], old) == "“It holds.” holds"
    assert phrases.meaning([make_row(verdict="REFUTED")], old) == "“It holds.” does not hold"


def test_rows_that_mean_the_same_share_a_clause(make_row) -> None:
    """They are named only where others of their kind came to another verdict."""
    rows = [make_row(parameters={"measure": "w", "vae": vae}) for vae in ("2", "4", "8")]
    assert phrases.clauses([[row] for row in rows], WORDS) == {"SUPPORTED": ["width helps"]}
    rows.append(make_row(parameters={"measure": "w", "vae": "16"}, verdict="REFUTED"))
    assert phrases.clauses([[row] for row in rows], WORDS) == {
        "SUPPORTED": ["width helps (2 latents, 4 latents and vae = 8)"],
        "REFUTED": ["width does not help (vae = 16)"],
    }
    assert phrases.clauses([[row] for row in rows[:2] + rows[3:]], WORDS)["SUPPORTED"] == [
        "width helps (2 and 4 latents)"
    ]


def test_several_data_sets_are_named(make_row) -> None:
    rows = [make_row(parameters={"row": "w"}, data=data) for data in ("digits", "mnist")]
    assert phrases.clauses([[row] for row in rows], WORDS) == {"SUPPORTED": ["width helps (on digits and MNIST)"]}


def test_rows_are_named_on_the_data_where_they_came_to_a_word(make_row) -> None:
    """Never as if what holds of some rows on one data set held of them on another."""
    found = {("digits", "4"): "SUPPORTED", ("digits", "2"): "SUPPORTED", ("mnist", "4"): "SUPPORTED"}
    found |= {("mnist", "2"): "REFUTED"}
    rows = [
        make_row(parameters={"measure": "w", "vae": vae}, data=data, verdict=verdict)
        for (data, vae), verdict in found.items()
    ]
    assert phrases.clauses([[row] for row in rows], WORDS) == {
        "SUPPORTED": ["width helps (on digits; 4 latents on MNIST)"],
        "REFUTED": ["width does not help (2 latents on MNIST)"],
    }


def test_in_brief_what_holds_in_some_rows_only_is_said_once(make_row) -> None:
    """With what holds; what never holds stays as it is, without what is undecided."""
    words = {"2": "SUPPORTED", "4": "REFUTED", "8": "MIXED", "16": "INCONCLUSIVE"}
    rows = [make_row(parameters={"measure": "w", "vae": vae}, verdict=verdict) for vae, verdict in words.items()]
    assert phrases.summed([[row] for row in rows], WORDS) == {
        "SUPPORTED": [
            "width helps (not with 4 latents; with vae = 8 in some architectures only; undecided with vae = 16)"
        ],
    }
    assert phrases.summed([[rows[0]], [rows[3]]], WORDS) == {"SUPPORTED": ["width helps (undecided with vae = 16)"]}
    assert phrases.summed([[rows[1]], [rows[3]]], WORDS) == {"REFUTED": ["width does not help (4 latents)"]}
    assert phrases.summed([[rows[1]], [rows[2]]], WORDS) == {
        "REFUTED": ["width does not help (4 latents)"],
        "MIXED": ["in some architectures, but not in others, width helps (vae = 8)"],
    }
    assert phrases.summed([[rows[3]]], WORDS) == {}
    data = {"digits": "SUPPORTED", "mnist": "REFUTED"}
    rows = [make_row(parameters={"measure": "w", "vae": vae}, data=d, verdict=data[d]) for d in data for vae in "24"]
    assert phrases.summed([[row] for row in rows], WORDS) == {"SUPPORTED": ["width helps (on digits; not on MNIST)"]}
    rows.append(make_row(parameters={"measure": "w", "vae": "8"}, data="mnist", verdict="INCONCLUSIVE"))
    assert phrases.summed([[row] for row in rows], WORDS) == {
        "SUPPORTED": ["width helps (on digits; not with 2 and 4 latents on MNIST)"],
    }


@given(st.lists(st.tuples(st.sampled_from("wd"), st.sampled_from(list(Verdict))), min_size=1, max_size=6))
def test_no_verdict_is_lost(make_row, rows: list[tuple[str, str]]) -> None:
    """Every row's verdict has the clause of its meaning, and there is none that no row came to."""
    planted = [
        make_row(parameters={"row": kind, "n": str(n)}, verdict=verdict) for n, (kind, verdict) in enumerate(rows)
    ]
    found = phrases.clauses([[row] for row in planted], WORDS)
    assert set(found) == {row.verdict for row in planted}
    for row in planted:
        assert any(clause.startswith(phrases.meaning([row], WORDS)) for clause in found[row.verdict])


def test_a_row_is_named_in_the_words_of_its_claim(make_row) -> None:
    assert phrases.named(make_row(parameters={"row": "w", "latent_dim": "16"}), NAMES) == "a wider one: latent dim = 16"
    assert phrases.named(make_row(parameters={}), NAMES) == "the claim as it stands"


def test_secondary_readings_are_medians_of_contexts(make_row) -> None:
    """Of each backend; a reading without numbers is left out."""
    reading = {"raw": {"a": 1.0, "b": 3.0, "c": 8.0}, "none": {"a": None}}
    found = phrases.secondary([make_row(secondary=reading), make_row(secondary=reading, backend="torch")])
    assert found == {"raw": ["3.00 jax", "3.00 torch"]}


def test_what_cannot_be_asked_is_not_undecided(make_row) -> None:
    absent = {"verdict": "INCONCLUSIVE", "reason": "not applicable"}
    rows = [make_row(parameters={"measure": "w", "vae": vae}, **changes) for vae, changes in (("2", {}), ("4", absent))]
    assert phrases.summed([[row] for row in rows], WORDS) == {
        "SUPPORTED": ["width helps (not to be asked with 4 latents)"]
    }


def test_data_that_others_were_asked_of_are_told_of_what_was_not(make_row) -> None:
    """What was found on all data that the page speaks of needs no data named; on fewer, they are."""
    groups = [[make_row(parameters={"row": "w"})]]
    assert phrases.summed(groups, WORDS) == {"SUPPORTED": ["width helps"]}
    assert phrases.summed(groups, WORDS, {"digits", "mnist"}) == {"SUPPORTED": ["width helps (on digits)"]}
    groups.append([make_row(parameters={"row": "w"}, data="mnist")])
    assert phrases.summed(groups, WORDS, {"digits", "mnist"}) == {"SUPPORTED": ["width helps"]}


def test_rows_that_are_mixed_in_opposite_ways_are_not_told_as_one(make_row, in_context) -> None:
    def mixed(name: str, first: str, second: str):
        contexts = (in_context("a", 0.2), in_context("b", 0.4))
        for one, word in zip(contexts, (first, second), strict=True):
            object.__setattr__(one, "verdict", word)
        return [make_row(parameters={"row": name, "measure": "w"}, verdict="MIXED", contexts=contexts)]

    alike = [mixed("2", "SUPPORTED", "REFUTED"), mixed("4", "SUPPORTED", "INCONCLUSIVE")]
    assert phrases.clauses(alike, WORDS) == {"MIXED": ["in some architectures, but not in others, width helps"]}
    apart = [*alike, mixed("8", "REFUTED", "SUPPORTED")]
    assert phrases.clauses(apart, WORDS) == {
        "MIXED": ["in some architectures by one measure and in others by another, width helps"]
    }
