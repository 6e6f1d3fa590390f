"""``study info``: backends, device and data sets."""

from __future__ import annotations

import json
from collections.abc import Callable

from click.testing import Result


def test_backends_and_data_are_listed(study: Callable[..., Result]) -> None:
    """Digits are on board everywhere."""
    facts = json.loads(study("info", "--json").output)
    assert {"python", "platform", "backends", "keras_backend", "backend", "device", "data"} <= set(facts)
    assert {"name": "digits", "reachable": True} in [
        {key: one[key] for key in ("name", "reachable")} for one in facts["data"]
    ]


def test_a_line_says_what_a_run_would_use(study: Callable[..., Result]) -> None:
    facts, plain = json.loads(study("info", "--json").output), study("info")
    assert plain.exit_code == 0
    assert "backend torch" in plain.output
    (use,) = [line for line in plain.output.splitlines() if line.strip().startswith("a run would use")]
    expected = f"{facts['backend']} on {facts['device']}" if facts["backend"] else "nothing: "
    assert use.split(maxsplit=4)[4].startswith(expected)
