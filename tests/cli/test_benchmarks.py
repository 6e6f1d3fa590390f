"""``study benchmarks``: every number that was recorded, in JSON and as a table."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

FIELDS = (
    *("what", "size", "replicas", "backend", "device", "precision", "threads", "ours", "unit", "peer_name", "peer"),
    *("ratio", "share", "machine", "date", "commit"),
)


def test_json_has_exactly_the_fields(study: Callable[..., Result], timed: Path) -> None:
    """Other programs read this: the fields are a contract."""
    found = study("benchmarks", "--json", "--results", timed)
    assert found.exit_code == 0
    (row,) = json.loads(found.output)
    assert tuple(row) == FIELDS
    assert (row["ours"], row["unit"], row["peer"]) == (0.25, "s", None)


def test_the_table_is_not_cut(study: Callable[..., Result], timed: Path) -> None:
    found = study("benchmarks", "--results", timed)
    assert found.exit_code == 0
    for expected in ("Share of floor", "import study, whole process", "250 ms", "2026-11-22"):
        assert expected in found.output
    assert found.output.splitlines()[-1] == "Recorded on 2026-11-22, jax, Planted 3000, 2 cores"


def test_a_damaged_file_is_one_clear_line_here_and_in_the_report(study: Callable[..., Result], timed: Path) -> None:
    (timed / "benchmarks" / "jax.json").write_text("{}", encoding="utf-8")
    for command in ("benchmarks", "report"):
        damaged = study(command, "--results", timed)
        assert damaged.exit_code == 1
        (line,) = damaged.output.splitlines()
        assert "jax.json" in line
