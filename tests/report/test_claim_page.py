"""What the page of a claim writes of a row: each thing once where backends agree, and a line each where not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from study.evidence.records import ClaimWords
from study.report import claim_page, page, text
from study.report.claim_page import against, legend, per_backend, predicted, verdict
from study.report.content import Content


def test_a_verdict_stands_once_with_a_tick_where_backends_agree(make_row) -> None:
    rows = [make_row(backend=name, verdict="REFUTED", reason="opposite") for name in ("jax", "torch")]
    assert verdict(rows[:1]) == "✘ REFUTED: opposite"
    assert verdict(rows) == "✘ REFUTED: opposite (✓ jax and torch)"
    assert verdict([rows[0], make_row(backend="torch", verdict="REFUTED")]) == "✘ REFUTED (✓ jax and torch)"


def test_where_backends_differ_each_has_its_line(make_row) -> None:
    """One that is undecided leaves the word to those that decided; one that contradicts does not."""
    rows = [make_row(), make_row(backend="torch", verdict="INCONCLUSIVE", reason="too few replicas")]
    assert verdict(rows) == "✔ SUPPORTED<br>jax: ✔ SUPPORTED<br>torch: ○ INCONCLUSIVE: too few replicas"
    assert verdict([make_row(), make_row(backend="torch", verdict="REFUTED")]).startswith("⚡ backends disagree<br>")


def test_numbers_stand_once_where_they_are_equal(make_row) -> None:
    rows = [make_row(), make_row(backend="torch", reach=16, short=0)]
    assert per_backend(rows[:1], text.count) == "14 of 16 reach, 2 fall short"
    assert per_backend(rows, text.threshold) == "≥ 0.02 nats"
    assert per_backend(rows, text.count) == "jax 14 of 16 reach, 2 fall short<br>torch 16 of 16 reach"


def test_a_threshold_stands_beneath_the_medians_of_several_backends(make_row) -> None:
    """And beside a single one; no interval is broken at its end."""
    rows = [make_row(), make_row(backend="torch", median=0.32)]
    assert against(rows[:1]).replace("\u00a0", "_") == "0.31 [0.25,_0.37] against ≥_0.02 nats"
    told = "jax 0.31 [0.25,_0.37]<br>torch 0.32 [0.25,_0.37]<br>against ≥_0.02 nats"
    assert against(rows).replace("\u00a0", "_") == told


def test_predictions_are_told_apart(make_row) -> None:
    """As predicted, against it, and not registered: exploratory."""
    registered = {"registered": "2026-11-28"}
    assert predicted([make_row(**registered)]) == "as predicted"
    assert predicted([make_row(verdict="MIXED", **registered)]) == "predicted SUPPORTED"
    assert predicted([make_row()]) == "exploratory"
    assert predicted([make_row(predicted="", **registered)]) == "exploratory"


def test_the_legend_names_contexts_in_the_order_of_the_letters(make_row, in_context) -> None:
    """Many contexts are counted, not listed."""
    assert legend([[make_row()]]).endswith("in this order: a; b.")
    many = make_row(contexts=tuple(in_context(str(n), 0.1) for n in range(9)))
    assert legend([[many]]).endswith("not applicable.")
    grid = [f"kl_weight={weight}, latent_dim={latents}" for weight in (1.0, 0.5, 0.25) for latents in (2, 4, 8)]
    chosen = make_row(contexts=tuple(in_context(one, 0.1) for one in grid))
    words = "9 contexts are of KL weight 1, 0.5 and 0.25; 2, 4 and 8 latents."
    assert legend([[many], [chosen]]).endswith(f"not applicable. {words}")
    assert legend([[replace(chosen, kind="search")]]).endswith("not applicable.")
    listed = tuple(in_context(f"activation={name}, kl_weight=0.5, latent_dim=2", 0.1) for name in ("relu", "tanh"))
    words = "in this order: relu, KL weight 0.5, 2 latents; tanh, KL weight 0.5, 2 latents."
    assert legend([[make_row(contexts=listed)]]).endswith(words)


def test_a_note_names_each_row_once(make_row) -> None:
    """With the backends on which it was noted; the same row at another scale or of other data is another."""
    group = [make_row(backend=name, note="as said", parameters={}) for name in ("jax", "torch")]
    other = make_row(data="mnist", scale="standard", note="as said", parameters={})
    stands = "the claim as it stands on"
    rows = [f"{stands} digits, quick: jax and torch", f"{stands} MNIST, standard: jax"]
    assert claim_page._notes([group, [other]], {}) == {"as said": rows}


def test_secondary_readings_stand_in_a_table(make_row) -> None:
    """A line a row that has any; what a row lacks is a dash."""
    first = make_row(parameters={}, secondary={"raw": {"a": 1.0}})
    other = make_row(parameters={}, data="mnist", secondary={"rescaled": {"a": 2.0}}, backend="torch")
    found = claim_page._secondary([[first], [other], [make_row(data="x")]], {})
    stands = "the claim as it stands"
    assert found.readings == ["raw", "rescaled"]
    assert found.lines == [
        [stands, "digits, quick", "1.00 jax", "–"],
        [stands, "MNIST, quick", "–", "2.00 torch"],
    ]


@pytest.mark.parametrize("folder", ["results", "results/local"])
def test_a_search_has_the_command_that_replays_what_it_found(make_row, folder):
    found = {"kind": "search", "verdict": "REFUTED", "parameters": {"form": "every VAE"}}
    rows = [make_row(**found), make_row(**found, backend="torch"), make_row()]
    words = ClaimWords(claim="aggregate_close_to_prior")
    shown = page.claim_markdown(Content(rows=rows, claims={words.claim: words}, folder=Path(folder)), words.claim)
    place = "counterexamples/aggregate_close_to_prior/every-VAE,digits.json"
    assert [line for line in shown.splitlines() if "study replay" in line] == [
        f"- Replay the counterexample *(every VAE on digits, quick, {name})*: "
        f"`KERAS_BACKEND={name} study replay {folder}/quick/{name}/{place}`"
        for name in ("jax", "torch")
    ]


def test_an_identity_that_holds_has_its_numbers_in_the_table_alone(make_row):
    """No legend of contexts, and no note that says it again; one that fails has the case in its note."""
    exact = {"kind": "exact", "contexts": (), "note": "tolerance 1e-09; 200 cases"}
    holds, fails = make_row(**exact), make_row(**exact, verdict="REFUTED")
    assert claim_page.legend([[holds]]) == "In place of a median stands the largest error of all cases."
    assert claim_page._notes([[holds]], {}) == {}
    assert list(claim_page._notes([[fails]], {})) == ["tolerance 1e-09; 200 cases"]
