"""What is kept: ``study judge --retire`` moves it with a reason, ``study verdicts --history`` lists and checks it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """Evidence of a schema that nobody reads any more."""
    path = tmp_path / "quick" / "jax" / "old.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"schema": 1, "rows": [{"seed_root": "first", "verdict": "REFUTED"}]}))
    return tmp_path


def test_what_is_moved_is_named_and_listed(study: Callable[..., Result], earlier: Path) -> None:
    moved = study("judge", "--retire", "old", "--rule", "an old one", "--reason", "it was wrong", "--results", earlier)
    assert moved.exit_code == 0
    assert moved.output == f"moved into {earlier / 'history'}: first/quick/jax/old.json\n"
    listed = study("verdicts", "--history", "--results", earlier)
    assert listed.exit_code == 0
    for expected in ("old", "quick, jax", "first", "1 REFUTED", "an old one", "it was wrong"):
        assert expected in listed.output


def test_what_changed_is_named(study: Callable[..., Result], earlier: Path) -> None:
    study("judge", "--retire", "old", "--reason", "it was wrong", "--results", earlier)
    kept = earlier / "history" / "first" / "quick" / "jax" / "old.json"
    kept.write_text("{}")
    found = study("verdicts", "--history", "--results", earlier)
    assert (found.exit_code, f"{kept}: changed" in found.output) == (1, True)


def test_nothing_is_moved_without_a_reason(study: Callable[..., Result], earlier: Path) -> None:
    refused = study("judge", "--retire", "old", "--results", earlier)
    assert (refused.exit_code, (earlier / "history").exists()) == (2, False)
    assert refused.output.startswith("Error: --reason: expected why the evidence is moved")


def test_a_reason_alone_moves_nothing_and_says_so(study: Callable[..., Result], earlier: Path) -> None:
    refused = study("judge", "--reason", "it was wrong", "--results", earlier)
    assert (refused.exit_code, (earlier / "history").exists()) == (2, False)
    assert "--retire CLAIM" in refused.output
