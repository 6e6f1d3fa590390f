"""Figures of dots: which rows they show, and what they say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from study.evidence.records import ClaimWords, Evidence
from study.evidence.store import Store
from study.report.charts import dots

WORDS = ClaimWords(claim="aggregate_close_to_prior")


@pytest.fixture
def both(store, plant):
    """The store with a second backend."""
    store.update(plant("torch", "REFUTED"))
    return store


def test_the_summary_shows_headline_rows_of_every_claim_that_has_a_question(store, drawn):
    (figure,) = dots.summaries(store)
    assert (figure.name, figure.claim) == ("verdicts-quick-digits", "")
    assert figure.title == "KL weight 1 on digits, scale quick: of 2 rows 2 supported"
    assert figure.alt == "Dots of 30 VAEs, one panel a question. Is it close? Of 2 rows 2 supported."
    assert "w0.5" not in str(figure.spec)
    # two rows of two contexts and eight replicas, two of which diverged
    assert sum("replica" in table[0] for table in drawn(figure.spec)) == 1
    assert sum(len(table) for table in drawn(figure.spec) if "replica" in table[0]) == 30


def test_where_no_claim_has_a_question_the_summary_shows_all(store, drawn, monkeypatch):
    evidence = [replace(one, question="") for one in store.evidence()]
    monkeypatch.setattr(type(store), "evidence", lambda self: iter(evidence))
    (figure,) = dots.summaries(store)
    assert figure.title == "KL weight 1 on digits, scale quick: of 3 rows 3 supported"
    # of every VAE two architectures of weight 1
    assert sum(len(table) for table in drawn(figure.spec) if "replica" in table[0]) == 30 + 16


def test_a_claim_shows_all_its_rows(store, drawn):
    every, planted = dots.claims(store)
    assert (every.name, every.claim) == ("every-quick-digits", "every")
    assert every.title == "On digits, scale quick: supported"
    assert planted.title == "On digits, scale quick: of 3 rows 3 supported"
    assert sum(len(table) for table in drawn(planted.spec) if "replica" in table[0]) == 45


def test_the_title_counts_what_backends_say_together(both):
    _, planted = dots.claims(both)
    assert planted.title == "On digits, scale quick: of 3 rows 3 split between backends"


def test_the_alternative_text_has_the_numbers_of_every_row(both):
    _, planted = dots.claims(both)
    for backend, word in (("jax", "SUPPORTED"), ("torch", "REFUTED")):
        said = f"it is close: KL weight 1, 2 latents ({backend}): {word}, median 0.70 [0.60, 0.80] against ≥ 0.5 nats."
        assert said in planted.alt


def test_scales_and_data_have_figures_of_their_own_small_ones_first(store, plant):
    for scale, data in (("standard", "mnist"), ("standard", "digits"), ("full", "mnist")):
        store.update(plant(scale=scale, data=data)) if (scale, data) != ("standard", "digits") else None
    assert [figure.name for figure in dots.summaries(store)] == [
        "verdicts-quick-digits", "verdicts-standard-mnist", "verdicts-full-mnist",
    ]  # fmt: skip
    assert [figure.name for figure in dots.claims(store)][1:] == [
        "planted-quick-digits", "planted-standard-mnist", "planted-full-mnist",
    ]  # fmt: skip


def test_a_question_that_was_not_asked_at_a_scale_is_shown_as_the_smaller_one_answered_it(store, plant):
    far = plant(scale="standard")
    rows = tuple(replace(row, claim="another") for row in far.rows)
    store.update(replace(far, claim="another", question="Is it far?", rows=rows))
    quick, standard = dots.summaries(store)
    assert standard.name == "verdicts-standard-digits"
    assert standard.title == "KL weight 1 on digits, scale standard, or else quick: of 4 rows 4 supported"
    assert standard.alt.endswith(
        "Is it far? Of 2 rows 2 supported. At scale quick: Is it close? Of 2 rows 2 supported."
    )
    assert quick.title == "KL weight 1 on digits, scale quick: of 2 rows 2 supported"


def test_the_caption_says_what_the_marks_are(store):
    every, planted = dots.claims(store)
    assert "lowest context" in every.caption
    assert "lowest context" not in planted.caption
    assert "threshold" in planted.caption


def test_rows_without_observations_have_no_figure(tmp_path, make_row):
    store = Store(tmp_path)
    store.update(Evidence.gather(WORDS, make_row(), []))
    assert dots.summaries(store) == dots.claims(store) == []
