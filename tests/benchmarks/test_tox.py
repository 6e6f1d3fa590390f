"""How long the README's second command takes, whole: a clean clone, a fresh environment, every backend.

It takes most of an hour, and runs only when it is named:

``pytest tests/benchmarks/test_tox.py -s --benchmark-json results/benchmarks/tox.json``
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from study.runtime.threads import cores

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.slow
def test_tox(benchmark: Any, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """`python -m pip install tox && tox`, as a newcomer runs it; -s shows what it prints."""
    if not any(Path(__file__).name in argument for argument in request.config.args):
        pytest.skip(f"takes most of an hour: name tests/benchmarks/{Path(__file__).name}")
    clone, fresh = tmp_path / "clone", tmp_path / "fresh"
    subprocess.run(["git", "clone", "--quiet", str(REPOSITORY), str(clone)], check=True)
    subprocess.run([sys.executable, "-m", "venv", str(fresh)], check=True)
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    bare["PATH"] = f"{fresh / ('Scripts' if os.name == 'nt' else 'bin')}{os.pathsep}{bare['PATH']}"
    command = "python -m pip install --quiet tox && tox"
    benchmark.extra_info.update(kind="tox", backend="all", device="cpu", threads=1, programs=cores(), command=command)
    benchmark.extra_info.update(synchronised="a whole command: when it has ended, everything has")
    benchmark.pedantic(
        lambda: subprocess.run(command, shell=True, cwd=clone, env=bare, check=True), rounds=1, iterations=1
    )
