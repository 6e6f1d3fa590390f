"""``study measures``: every registered measure, with all that its author said of it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import Result

from study.measures.registry import names, spec


def test_json_has_every_measure(study: Callable[..., Result]) -> None:
    found = json.loads(study("measures", "--json").output)
    assert [one["name"] for one in found] == list(names())
    for one in found:
        assert list(one) == ["name", "arguments", "unit", "needs", "source", "summary"]
        assert one["unit"] == spec(one["name"]).unit
        assert one["needs"]
        assert one["summary"].endswith(".")


def test_the_list_says_what_arguments_there_are(study: Callable[..., Result]) -> None:
    found = study("measures")
    assert found.exit_code == 0
    assert all(name in found.output for name in names())
    (line,) = [line for line in found.output.splitlines() if line.startswith("coverage(")]
    assert "sampler" in line
    assert all(spec(name).summary in found.output for name in names())


def test_on_a_terminal_no_line_is_wider(study: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    """Sentences are folded at words; the name of a measure begins a line."""
    monkeypatch.setattr("study.cli.measures.columns", lambda: 80)
    lines = study("measures").output.splitlines()
    assert max(map(len, lines)) <= 80
    assert [name for line in lines if (name := line.split(",")[0].split("(")[0]) in names()] == list(names())
