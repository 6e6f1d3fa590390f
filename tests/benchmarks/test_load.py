"""What a large study takes: many requests planned, many rows of evidence read, a large cache looked up.

Each is timed in a fresh process, at three sizes; what is written for it to read is not timed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

HERE = Path(__file__).parent
SIZES = {"plan": (500, 1_000, 2_000), "cache": (1_000, 10_000, 100_000), "evidence": (1_000, 3_000, 10_000)}
COMMANDS = ("judge", "verdicts", "report")
WATCHED = 0.02
"""Seconds between two looks at the memory of a command."""


def load(what: str, size: int, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.load", what, str(size), str(folder)]
    done = subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout or "{}")


def study(command: str, folder: Path) -> dict[str, float]:
    """Run a command of the study on evidence: seconds and peak MiB of the whole process."""
    arguments = [sys.executable, "-m", "study", command, "--results", str(folder)]
    began, peak = time.perf_counter(), 0
    with subprocess.Popen(arguments, cwd=folder, stdout=subprocess.DEVNULL) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            peak = max(peak, watched.memory_info().rss)
            time.sleep(WATCHED)
    assert process.returncode == 0
    return {"seconds": time.perf_counter() - began, "peak": peak / 2**20}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "size"),
    [(what, size) for what in ("plan", "cache", *COMMANDS) for size in SIZES["evidence" if what in COMMANDS else what]],
)
def test_load(benchmark: Any, facts: dict[str, Any], tmp_path: Path, what: str, size: int) -> None:
    found: list[dict[str, float]] = []
    if what != "plan":
        load("make-evidence" if what in COMMANDS else f"make-{what}", size, tmp_path)

    def run() -> None:
        found.append(study(what, tmp_path) if what in COMMANDS else load(what, size, tmp_path))

    benchmark.pedantic(run, rounds=1)
    benchmark.extra_info.update(facts | {"kind": "load", "what": what, "size": size, "threads": 1})
    benchmark.extra_info.update(seconds=found[0]["seconds"], peak_mib=found[0]["peak"])
    benchmark.extra_info["synchronised"] = "a whole process: what it has printed or written, the device has done"
