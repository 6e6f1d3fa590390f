"""One finding a question: its words, numbers, and how sure it is."""

from __future__ import annotations

import pytest

from study.evidence.fingerprint import Registration
from study.evidence.records import ClaimWords
from study.report.findings import CERTAINTY, findings
from study.report.summary import SPLIT

CLAIM = "aggregate_close_to_prior"
WORDS = {CLAIM: ClaimWords(claim=CLAIM, statement="It is.", question="Is it?", words={"a": "the first"})}
CLEAR = {"reach": 16, "short": 0}
BACKENDS = ("jax", "tensorflow", "torch")


def _only(rows, words=WORDS):
    (found,) = findings(rows, words)
    return found


def test_rows_of_one_word_share_a_line_with_the_numbers_of_the_least_clear(make_row) -> None:
    """In the order of the words; the line says which row its numbers are of."""
    rows = [make_row(parameters={"row": "a"}), make_row(parameters={"row": "b"}, **CLEAR)]
    rows.append(make_row(parameters={"row": "c"}, verdict="REFUTED", reach=0, short=16))
    supported, refuted = _only(rows).lines
    assert (supported.verdict, supported.rows, supported.lead) == ("SUPPORTED", 2, rows[0])
    assert (supported.word, supported.about, supported.letters) == ("✔ SUPPORTED in 2 rows", "the first", "SS")
    assert supported.means.startswith("“It is.” holds (")
    assert (refuted.word, refuted.count) == ("✘ REFUTED", "16 of 16 fall short")
    assert _only(rows[:1]).lines[0].about == ""


def test_questions_stand_in_the_order_of_their_chapters_and_other_claims_have_none(make_row) -> None:
    """A claim without a question is no finding; nor is one that was not run."""
    claims = {name: ClaimWords(claim=name, question="?" * (name != "x"), chapter=chapter)
              for name, chapter in (("a", "2"), ("b", "1"), ("x", "1"), ("unseen", "0"))}  # fmt: skip
    found = findings([make_row(claim=name) for name in ("a", "b", "x")], claims)
    assert [one.words.claim for one in found] == ["b", "a"]


def test_other_kl_weights_answer_nothing_here(make_row) -> None:
    other = Registration(kind="most", threshold="0", declared=1, contexts=("a",), asked={"a": "rate(of kl_weight=0.5)"})
    assert findings([make_row(registration=other)], WORDS) == []
    assert _only([make_row(registration=other), make_row(parameters={"row": "a"})]).lines[0].rows == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"verdict": "INCONCLUSIVE"}, "undecided, or one VAE from being so"),
        ({"reach": 13, "short": 3}, "undecided, or one VAE from being so"),
        ({"verdict": "MIXED"}, "contradicted by an architecture"),
    ],
)
def test_each_reason_lowers_the_certainty_by_a_step(make_row, changes, reason: str) -> None:
    """The same row on three backends: sure but for small images; then for each reason a step less."""
    sure = [make_row(backend=name, data="scans", **CLEAR) for name in BACKENDS]
    assert (_only(sure).sure, _only(sure).reasons) == ("high", ())
    planted = [make_row(backend=name, data="scans", **{**CLEAR, **changes}) for name in BACKENDS]
    assert (_only(planted).sure, _only(planted).reasons) == ("moderate", (reason,))


def test_a_context_that_says_the_contrary_is_told(make_row, in_context) -> None:
    contrary = in_context("b", 0.0)
    object.__setattr__(contrary, "verdict", "REFUTED")
    rows = [make_row(backend=name, data="scans", contexts=(contrary,), **CLEAR) for name in BACKENDS]
    assert _only(rows).reasons == ("contradicted by an architecture",)


def test_backends_and_images_are_told(make_row) -> None:
    """One backend only; backends that differ; small images; of several rows how many."""
    assert _only([make_row(**CLEAR)]).reasons == ("one backend only", "digits only", "small images only")
    against = make_row(data="scans", backend="torch", verdict="REFUTED", reach=0, short=16, contexts=())
    differ = [make_row(data="scans", **CLEAR), against]
    found = _only([*differ, make_row(data="scans", backend="torch", parameters={"row": "a"}, **CLEAR)])
    assert found.lines[-1].verdict == SPLIT
    assert found.reasons == ("1 of 2 rows not the same on all backends",)
    assert "backends disagree" in found.lines[-1].word


def test_a_backend_that_judged_the_small_scale_bears_a_word_out(make_row) -> None:
    """A row is shown at its largest scale, where one backend may have run; on which data that is so is said."""
    large = make_row(scale="standard", **CLEAR)
    assert _only([large, make_row(backend="torch", **CLEAR)]).reasons == ("digits only", "small images only")
    more = make_row(scale="standard", data="mnist", **CLEAR)
    found = _only([large, make_row(backend="torch", **CLEAR), more]).reasons
    assert found == ("one backend only on MNIST", "small images only")


def test_an_identity_rests_on_no_backend_and_no_images(make_row) -> None:
    exact = make_row(kind="exact", contexts=(), low=None, high=None, reach=300, short=0, count=300, allowed=0)
    assert (_only([exact]).sure, _only([exact]).reasons) == ("high", ())


def test_meanings_are_sentences(make_row) -> None:
    words = {CLAIM: ClaimWords(claim=CLAIM, question="?", means={"": {"SUPPORTED": "more is", "REFUTED": "q(z) is"}})}
    assert _only([make_row()], words).lines[0].means == "More is."
    assert _only([make_row(verdict="REFUTED")], words).lines[0].means == "q(z) is."


def test_certainty_has_a_bottom(make_row) -> None:
    rows = [make_row(verdict="INCONCLUSIVE"), make_row(verdict="MIXED", parameters={"row": "a"})]
    assert len(_only(rows).reasons) == 5
    assert _only(rows).sure == CERTAINTY[-1]
