"""``study report``: says what it wrote."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

SEARCH = "prior_samples_cover_classes.json"
RECORDED = Path(__file__).parents[2] / "results" / "quick" / "jax"


def test_what_was_written_is_named(study: Callable[..., Result], results: Path) -> None:
    found = study("report", "--results", results)
    assert found.exit_code == 0
    written = [Path(line) for line in found.output.splitlines()]
    assert written[0] == results / "README.md"
    assert all(path.exists() for path in written)


def test_a_counterexample_that_lacks_its_file_gets_it_once(study: Callable[..., Result], results: Path) -> None:
    shutil.copytree(
        RECORDED, results / "quick" / "jax", dirs_exist_ok=True, ignore=lambda _, names: {*names} - {SEARCH}
    )
    written = results / "quick/jax/counterexamples/prior_samples_cover_classes/every-VAE,digits.json"
    first, second = (study("report", "--results", results) for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 0), first.output
    assert str(written) in first.output.splitlines()
    assert str(written) not in second.output.splitlines()
    assert "study replay results/quick/jax/" in (results / "index.html").read_text(encoding="utf-8")


def test_damaged_benchmarks_are_one_clear_line(study: Callable[..., Result], timed: Path) -> None:
    (timed / "benchmarks" / "jax.json").write_text("{}", encoding="utf-8")
    damaged = study("report", "--results", timed)
    assert damaged.exit_code == 1
    (line,) = damaged.output.splitlines()
    assert "jax.json" in line
