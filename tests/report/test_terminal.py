"""The table that ends a run: every row in full, within the terminal's width, coloured only when asked."""

from __future__ import annotations

import re

import pytest

from study.lab.cache import Block
from study.lab.plan import Plan, Task
from study.lab.times import Times
from study.lab.work import Bench
from study.report.terminal import plan_table, table
from study.vae.config import VAEConfig


def judged(claim="kl_pull", verdict="SUPPORTED", reason="", note="", kind="mean", measure="rate", **changes):
    row = {
        "claim": claim, "parameters": {"measure": measure}, "data": "digits", "predicted": "SUPPORTED",
        "verdict": verdict, "reason": reason, "estimate": 1.23456, "low": -0.5, "high": 2.0, "threshold": 0.02,
        "unit": "nats per doubling", "contexts": 3, "replicas": 8, "kind": kind, "note": note,
    }  # fmt: skip
    return {"row": row | changes, "cost": {"seconds": 12.345, "trained": 96, "recalled": 24}}


def plain(*contents, width=160, color=False):
    return table(contents, width, color=color)


def test_a_row_says_everything():
    text = plain(judged())
    for piece in (
        "claim: kl_pull", "rate digits", "SUPPORTED", "1.23", "-0.5 … 2", "0.02", "nats per doubling", "3 × 8",
        "96 + 24", "12.3",
    ):  # fmt: skip
        assert piece in text, piece


def test_what_is_unknown_is_a_dash_and_what_is_not_predicted_exploratory():
    text = plain(
        judged(verdict="INCONCLUSIVE", reason="not converged", estimate=None, low=None, high=None, predicted="")
    )
    assert "exploratory" in text
    assert "–" in text
    assert re.sub(r"\s+", " ", text).count("None") == 0
    assert "converged)" in text


def test_rows_are_grouped_by_claim_in_the_order_they_were_judged():
    text = plain(judged("b", measure="alpha"), judged("a"), judged("b", measure="omega"))
    assert re.findall("claim: (.)", text) == ["b", "a"]
    assert text.index("alpha") < text.index("omega") < text.index("claim: a")


def test_the_search_says_what_it_found():
    note = "smallest found of 12 examined: latent_dim=1, at=width[0] (77 parameters)"
    text = plain(judged(kind="search", note=note), judged(note="another note"))
    assert f"search: {note}" in text
    assert "another note" not in text


@pytest.mark.parametrize("width", [120, 160])
def test_no_line_is_wider_than_the_terminal_and_no_number_is_cut(width):
    long = judged(
        measure="marginal_kl_per_dimension",
        verdict="INCONCLUSIVE",
        reason="too few replicas",
        low=-1.23e-05,
        high=1.23e5,
    )
    text = plain(judged(), long, width=width)
    assert max(map(len, text.splitlines())) <= width
    assert "-1.23e-05 … 1.23e+05" in text
    assert "…" not in text.replace(" … ", "")


def test_colours_only_when_asked():
    assert "\x1b" not in plain(judged())
    coloured = plain(judged(), judged(verdict="REFUTED"), judged(verdict="INCONCLUSIVE"), color=True)
    for code, verdict in (("32", "SUPPORTED"), ("34", "REFUTED"), ("33", "INCONCLUSIVE")):
        assert re.search(rf"\x1b\[{code}m{verdict}", coloured), verdict


@pytest.mark.parametrize(
    ("noted", "basis"), [(0, "assumed, as no block has"), (1, "that of the blocks trained before")]
)
def test_a_plan_says_what_its_estimates_rest_on(tmp_path, noted, basis):
    small, large = VAEConfig(latent_dim=2, encoder_width=4), VAEConfig(latent_dim=2, encoder_width=64, pixels="redrawn")
    bench = Bench(tmp_path, "jax")
    blocks = [Block(small), Block(small.replace(kl_weight=0.5)), Block(large)]
    times = Times(dict([(large.program().key[:16], [(7500.0, 7.5e13)])][:noted]))
    tasks = [Task.of(bench, block, "latent", "claim") for block in blocks]
    text = plan_table(Plan("jax", "root", "", (), 2, 0).with_tasks(tasks, times), 160, color=False)
    lines = {line.split(", encoder ")[1].split(",")[0]: line for line in text.splitlines() if "encoder" in line}
    assert lines["1 × 4"].startswith("digits, D = 2, encoder 1 × 4, decoder 1 × 32, relu, binarised ")
    assert lines["1 × 4"].split("binarised")[1].split()[:2] == ["2", "16"]
    assert lines["1 × 4"].endswith(" *")
    assert lines["1 × 64"].endswith("2 hours and 5 minutes" if noted else " *")
    assert "together 3 blocks, 24 VAEs" in text
    assert basis in text
