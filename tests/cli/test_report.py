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
