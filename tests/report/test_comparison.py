"""A run beside recorded evidence: what agrees, what differs, what is lacking, and which backend it is compared with."""

from __future__ import annotations

from pathlib import Path

import pytest

from study.errors import EvidenceError
from study.evidence.records import ClaimWords, Evidence
from study.evidence.store import Store
from study.report.comparison import beside

WORDS = ClaimWords(claim="aggregate_close_to_prior", words={"latent_dim": "more latents", "total": "marginal KL"})
LOOK = ["look at either:", "  study verdicts --results mine", "  study verdicts --results results"]


@pytest.fixture
def compared(tmp_path, make_row):
    """Lines of a comparison of rows with recorded ones, each given by its changes."""

    def make(ours, theirs):
        store = Store(tmp_path)
        for changes in theirs:
            store.update(Evidence.gather(WORDS, make_row(**changes), []))
        return beside([make_row(**changes) for changes in ours], store, Path("mine"), Path("results"))

    return make


def test_equal_words_agree_whatever_the_numbers(compared) -> None:
    lines = compared([{"median": 9.0}, {"data": "mnist"}], [{}, {"data": "mnist"}])
    assert lines == ["2 of 2 rows came to the word recorded in results (quick, jax).", *LOOK]


def test_what_differs_is_shown_on_both_sides_in_the_words_of_the_claim(compared) -> None:
    lines = compared([{"verdict": "REFUTED", "reach": 2, "short": 14}, {"data": "mnist"}], [{}, {"data": "mnist"}])
    assert lines == [
        "1 of 2 rows came to the word recorded in results (quick, jax); these differ:",
        "  aggregate_close_to_prior, more latents: marginal KL (digits): "
        "REFUTED (14 of 16 fall short; 0.31 [0.25, 0.37]); recorded SUPPORTED (14 of 16 reach, 2 fall short; "
        "0.31 [0.25, 0.37])",
        *LOOK,
    ]


def test_rows_that_are_not_recorded_are_counted_apart(compared) -> None:
    lines = compared([{}, {"data": "mnist"}], [{}])
    assert lines[:2] == [
        "1 of 1 row came to the word recorded in results (quick, jax).",
        "1 row of this run is not recorded there.",
    ]


def test_a_backend_that_is_not_recorded_is_compared_with_another_by_name(compared) -> None:
    first = compared([{"backend": "torch"}], [{}, {"backend": "tensorflow", "scale": "standard"}])[0]
    assert first.startswith("torch is not recorded at scale quick in results; compared with jax: 1 of 1 row")


def test_nothing_is_said_beside_no_evidence_and_a_scale_without_is_named(compared) -> None:
    assert compared([{}], []) == []
    assert compared([{}], [{"scale": "full"}])[0] == "Nothing is recorded at scale quick in results."


def test_damaged_evidence_is_refused(compared, tmp_path) -> None:
    compared([{}], [{}])
    next(tmp_path.glob("quick/jax/*.json")).write_text("{")
    with pytest.raises(EvidenceError):
        compared([{}], [])


def test_another_inequality_is_not_compared(compared) -> None:
    """Moved thresholds, contexts or estimands: the same word of something else is no agreement."""
    said, *look = compared([{"fingerprint": "moved"}], [{"fingerprint": "recorded"}])
    assert said.startswith("Not compared, as threshold, contexts or estimand are not those recorded in results: ")
    assert look == LOOK
