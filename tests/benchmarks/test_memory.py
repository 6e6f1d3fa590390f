"""Peak memory of training, block after block, in a fresh process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bench import setting

BLOCKS = 8


@pytest.mark.slow
@pytest.mark.parametrize("size", list(setting.CONFIGS))
def test_memory(benchmark: Any, facts: dict[str, Any], size: str) -> None:
    """Eight blocks of eight, one epoch each: the last needs no more, of the host or of the GPU, than the first did."""
    found: list[dict[str, Any]] = []

    def run() -> None:
        command = [sys.executable, "-m", "bench.memory", "training", size, str(BLOCKS)]
        done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
        found.append(json.loads(done.stdout))

    benchmark.pedantic(run, rounds=1)
    peaks = found[0]["peaks"]
    benchmark.extra_info.update(facts | {"kind": "memory", "size": size, "replicas": 8, "blocks": BLOCKS})
    benchmark.extra_info.update(
        before_mib=found[0]["before"], peaks_mib=peaks, memory=found[0]["of"], data=setting.SYNTHETIC
    )
