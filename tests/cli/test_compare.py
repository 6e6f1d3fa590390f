"""``study compare``: the rows on which two folders differ."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

NAME = Path("quick", "jax", "per_sample_posterior_differs.json")


def test_equal_folders_do_not_differ(study: Callable[..., Result], results: Path) -> None:
    found = study("compare", results, results)
    assert found.exit_code == 0
    assert found.output.splitlines()[-1].startswith("0 of ")


def test_a_row_that_differs_is_listed_on_both_sides(
    study: Callable[..., Result], results: Path, tmp_path: Path
) -> None:
    other = shutil.copytree(results, tmp_path / "other")
    text = (other / NAME).read_text(encoding="utf-8")
    changed = text.replace('"verdict": "SUPPORTED"', '"verdict": "INCONCLUSIVE"', 1)
    assert changed != text
    (other / NAME).write_text(changed, encoding="utf-8")
    found = study("compare", results, other)
    assert found.exit_code == 0
    assert found.output.splitlines()[-1].startswith("1 of ")
    for expected in ("per_sample_posterior_differs", "✔ SUPPORTED", "○ INCONCLUSIVE"):
        assert expected in found.output
