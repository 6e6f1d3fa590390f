"""``study verdicts``: every row, in JSON and as a table."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import click
import pytest
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
    assert found.output.splitlines()[-1] == "2 as predicted, 0 against, 1 undecided, 0 not applicable"


def test_rows_of_one_claim(study: Callable[..., Result], results: Path) -> None:
    """Whoever looks at one claim names it; a name that no row has is refused, and those that are known are said."""
    name = "per_sample_posterior_differs"
    rows = json.loads(study("verdicts", name, "--json", "--results", results).output)
    assert rows
    assert {row["claim"] for row in rows} == {name}
    assert study("verdicts", name, "--results", results).output.splitlines()[-1].startswith(f"{len(rows)} as predicted")
    assert len(rows) < len(Store(results).rows())
    beside = study("verdicts", name, "--results", results, "--against", results)
    assert beside.output.startswith(f"{len(rows)} of {len(rows)} row")
    unknown = study("verdicts", "another", "--results", results)
    assert unknown.exit_code == 2
    assert unknown.output.startswith(f"Error: CLAIM: expected a claim with rows in {results}: ")
    assert name in unknown.output
    assert "'another'" in unknown.output
    unasked = study("verdicts", name, "--history", "--results", results)
    assert unasked.exit_code == 2
    assert "name none" in unasked.output


def changed(results: Path, other: Path, old: str, new: str, unsealed: Callable[[Path], str]) -> Path:
    """The evidence, elsewhere, with another text."""
    shutil.copytree(results, other)
    path = other / "quick" / "jax" / "per_sample_posterior_differs.json"
    text = unsealed(path)
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return other


def test_a_folder_is_compared_with_another(
    study: Callable[..., Result], results: Path, tmp_path: Path, unsealed: Callable[[Path], str]
) -> None:
    same = study("verdicts", "--results", results, "--against", results)
    assert same.exit_code == 0
    assert same.output.startswith(f"3 of 3 rows came to the word recorded in {results} (quick, jax).\n")
    other = changed(results, tmp_path / "other", '"verdict": "SUPPORTED"', '"verdict": "MIXED"', unsealed)
    found = study("verdicts", "--results", results, "--against", other)
    assert found.output.startswith("2 of 3 rows came to the word recorded")
    assert "SUPPORTED (3 of 3 contexts hold" in found.output
    assert "recorded MIXED" in found.output
    absent = study("verdicts", "--results", results, "--against", tmp_path / "absent")
    assert (absent.exit_code, len(absent.output.splitlines())) == (2, 1)


def test_a_local_run_is_compared_with_what_is_recorded(study: Callable[..., Result], results: Path) -> None:
    shutil.copytree(results / "quick", results / "local" / "quick")
    for folder in (results, results / "local"):
        found = study("verdicts", "--results", folder)
        assert f"{results / 'local'}, beside {results}:" in found.output
        assert f"3 of 3 rows came to the word recorded in {results} (quick, jax)." in found.output


def test_on_a_terminal_rows_fit_its_width(
    study: Callable[..., Result], results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("study.cli.verdicts.on_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    lines = click.unstyle(study("verdicts", "--results", results).output).splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("  3 of 3 contexts hold") and line.endswith("SSS") for line in lines)
