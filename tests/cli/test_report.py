"""``study report``: says what it wrote."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click.testing import Result


def test_what_was_written_is_named(study: Callable[..., Result], results: Path) -> None:
    found = study("report", "--results", results)
    assert found.exit_code == 0
    written = [Path(line) for line in found.output.splitlines()]
    assert written[0] == results / "README.md"
    assert all(path.exists() for path in written)


def test_damaged_benchmarks_are_one_clear_line(study: Callable[..., Result], timed: Path) -> None:
    (timed / "benchmarks" / "jax.json").write_text("{}", encoding="utf-8")
    damaged = study("report", "--results", timed)
    assert damaged.exit_code == 1
    (line,) = damaged.output.splitlines()
    assert "jax.json" in line
