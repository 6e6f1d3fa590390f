"""``study measures``: every registered measure, with all that its author said of it."""

from __future__ import annotations

import json
from collections.abc import Callable

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


def test_the_table_says_what_arguments_there_are(study: Callable[..., Result]) -> None:
    found = study("measures")
    assert found.exit_code == 0
    assert all(name in found.output for name in names())
    (line,) = [line for line in found.output.splitlines() if line.strip().startswith("coverage(")]
    assert "sampler" in line
