"""Rows as lines of dots, gathered into panels."""

from __future__ import annotations

from dataclasses import replace

import pytest

from study.report.charts.rows import FIRST, FRESH, SEARCHED, fields, names, panels, rank, said

RELU, TANH, DEEP = (f"activation={a}, decoder_depth={d}" for a, d in (("relu", 1), ("tanh", 1), ("relu", 2)))


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (RELU, "relu, decoder depth 1"),
        ("kl_weight=0.25, latent_dim=2", "KL weight 0.25, 2 latents"),
        ("kl_weight=1.0", "KL weight 1"),
        ("pixels=grey, redrawn=True", "grey, redrawn True"),
        ("wide", ""),
    ],
)
def test_choices_are_said_in_words(context, expected):
    assert said(fields(context)) == expected


def test_names_are_what_tells_contexts_apart():
    assert list(names([RELU, TANH]).values()) == ["relu", "tanh"]
    assert list(names([RELU, TANH, DEEP]).values()) == [
        "relu, decoder depth 1", "tanh, decoder depth 1", "relu, decoder depth 2",
    ]  # fmt: skip
    assert names([RELU]) == {RELU: "relu, decoder depth 1"}
    assert names(["wide", "deep"]) == {"wide": "wide", "deep": "deep"}


def test_architectures_stand_alike_in_all_figures():
    assert sorted([DEEP, "fresh seeds", TANH, RELU], key=rank) == [RELU, TANH, DEEP, "fresh seeds"]


def test_every_vae_is_one_dot_but_for_those_that_diverged(plant):
    found = [line for panel in panels([plant(), plant("torch")], "digits") for line in panel.lines]
    assert [len(line.dots) for line in found] == [30] * 3  # two backends, two contexts, eight replicas, one diverged
    for line in found:
        assert len({(dot.backend, dot.context, dot.replica) for dot in line.dots}) == 30
        assert [row.backend for row in line.judged] == ["jax", "torch"]
        assert line.bars == line.judged


def test_rows_that_share_what_they_are_about_share_a_panel_and_are_sorted_by_number(plant):
    single, shared = panels([plant()], "digits")
    assert (shared.title, [line.label for line in shared.lines]) == (
        "it is close", ["KL weight 1, 2 latents", "KL weight 1, 16 latents"],
    )  # fmt: skip
    assert (single.title, [line.label for line in single.lines]) == ("", ["w0.5-D2"])
    assert [line.about for line in shared.lines] == [f"it is close: {line.label}" for line in shared.lines]


def test_other_data_have_a_figure_of_their_own(plant):
    assert panels([plant()], "mnist") == []


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["SUPPORTED"], "✔ 14 of 16 reach"),
        (["SUPPORTED", "SUPPORTED"], "✔ on 2 of 2 backends"),
        (["SUPPORTED", "INCONCLUSIVE"], "✔ on 1 of 2 backends"),
        (["SUPPORTED", "REFUTED"], "⚡ backends disagree"),
    ],
)
def test_a_line_says_what_it_came_to(plant, verdicts, expected):
    found = [plant(backend, verdict) for backend, verdict in zip(("jax", "torch"), verdicts, strict=False)]
    assert {line.verdict for panel in panels(found, "digits") for line in panel.lines} == {expected}


def test_of_every_vae_a_line_is_a_weight_and_the_interval_stands_at_the_lowest(plant_every):
    (panel,) = panels([plant_every], "digits")
    assert [line.label for line in panel.lines] == ["KL weight 1, 2 latents", "KL weight 0.25, 2 latents"]
    assert {dot.context for line in panel.lines for dot in line.dots} == {RELU, TANH}
    assert [len(line.bars) for line in panel.lines] == [0, 1]
    assert [line.verdict for line in panel.lines] == ["", "✔ 4 of 4 contexts hold"]


def test_the_summary_keeps_the_word_where_the_lowest_is_of_another_weight(plant_every):
    (panel,) = panels([plant_every], "digits", headlines=True)
    assert [(line.label, line.verdict, len(line.bars)) for line in panel.lines] == [
        ("KL weight 1, 2 latents", "✔ 4 of 4 contexts hold", 0)
    ]


def test_a_search_stands_smallest_first_fresh_seeds_apart(plant_search):
    (panel,) = panels([plant_search], "digits")
    assert panel.title == SEARCHED
    assert [line.label for line in panel.lines] == [f"{d} latents, width 8, KL weight 1" for d in (2, 4, 16)]
    assert [{dot.context for dot in line.dots} for line in panel.lines] == [{FIRST}, {FIRST}, {FIRST, FRESH}]
    assert [line.verdict for line in panel.lines] == ["", "", "✘ counterexample confirmed"]
    assert panels([plant_search], "digits", headlines=True) == []


def test_a_search_stands_after_the_rows(plant, plant_search):
    rows, own = plant(), [replace(row, claim="planted") for row in plant_search.rows]
    both = replace(rows, rows=(*own, *rows.rows), observations=(*plant_search.observations, *rows.observations))
    assert [panel.title for panel in panels([both], "digits")] == ["", "it is close", SEARCHED]
