"""``study judge``: silent agreement with what is recorded, and a planted difference."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from study.evidence.store import Store

NAME = Path("quick", "jax", "per_sample_posterior_differs.json")


def test_recorded_rows_are_judged_as_recorded(study: Callable[..., Result], results: Path) -> None:
    found = study("judge", "--results", results)
    count = len(Store(results).rows())
    assert found.output == f"all {count} rows have their recorded words and numbers\n"
    assert found.exit_code == 0


def test_a_row_that_does_not_follow_from_its_observations_is_listed(
    study: Callable[..., Result], results: Path, unsealed: Callable[[Path], str]
) -> None:
    content = json.loads(unsealed(results / NAME))
    row = content["rows"][0]
    row["median"], again = 777.25, row["median"]
    (results / NAME).write_text(json.dumps(content), encoding="utf-8")
    found = study("judge", "--results", results)
    assert found.exit_code == 1
    (line,) = [line for line in found.output.splitlines() if "777.25" in line]
    for expected in ("per_sample_posterior_differs", "quick, jax", "median", f"{again:.4g}"[:4]):
        assert expected in line
    assert found.output.splitlines()[-1].startswith("1 of ")
