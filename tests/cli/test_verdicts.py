"""``study verdicts``: every row, in JSON and as a table."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from study.cli.verdicts import FIELDS
from study.evidence.store import Store


def test_json_has_exactly_the_fields(study: Callable[..., Result], results: Path) -> None:
    """Other programs read this: the fields are a contract."""
    found = study("verdicts", "--json", "--results", results)
    assert found.exit_code == 0
    rows = json.loads(found.output)
    assert {tuple(row) for row in rows} == {FIELDS}
    assert len(rows) == len(Store(results).rows())
    (row,) = [row for row in rows if row["verdict"] == "SUPPORTED" and row["claim"] == "per_sample_posterior_differs"]
    assert (row["verdict"], row["reach"], [one["context"] for one in row["contexts"]]) == (
        "SUPPORTED",
        3,
        ["a", "b", "c"],
    )
    assert (row["data"], row["scale"], row["backend"], row["threshold"]) == ("digits", "quick", "jax", 0.5)


def test_the_table_is_not_cut(study: Callable[..., Result], results: Path) -> None:
    """A table that is piped shows every word; a claim is named once."""
    found = study("verdicts", "--results", results)
    assert found.exit_code == 0
    for expected in (
        "✔ SUPPORTED",
        "○ INCONCLUSIVE: too few replicas",
        "≥ 0.5 nats",
        "3 × 8",
        "12 of 24 reach, 12 fall short",
        "3 of 3 contexts hold",
    ):
        assert expected in found.output
    (line,) = [line for line in found.output.splitlines() if "dimension_kl_p5" in line]
    assert "✘ REFUTED: counterexample confirmed" in line
    assert found.output.count("aggregate_posterior_approaches_prior") == 1
    assert "…" not in found.output
