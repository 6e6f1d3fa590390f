"""What the tests of the commands share: evidence and benchmarks as recorded, and a way to call a command."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from study.cli.main import main

RECORDED = Path(__file__).parents[2] / "results"


@pytest.fixture
def study() -> Callable[..., Result]:
    """Call ``study`` with these arguments."""
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A copy of the evidence that one backend recorded."""
    shutil.copytree(RECORDED / "quick" / "jax", tmp_path / "results" / "quick" / "jax")
    return tmp_path / "results"


@pytest.fixture
def timed(results: Path) -> Path:
    """Benchmarks beside the evidence: one import."""
    info = {"kind": "import", "statement": "import study", "threads": 2}
    one = {"params": None, "extra_info": info, "stats": {"median": 0.25}}
    machine = {"cpu": {"brand_raw": "Planted 3000", "count": 2}}
    content = {"machine_info": machine, "benchmarks": [one], "datetime": "2026-11-22T18:04:11"}
    (results / "benchmarks").mkdir()
    (results / "benchmarks" / "jax.json").write_text(json.dumps(content), encoding="utf-8")
    return results
