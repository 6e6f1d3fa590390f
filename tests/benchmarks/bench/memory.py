"""The peak memory of a fresh process that does one thing; prints MiB, stage by stage, as JSON.

``python -m bench.memory mixture|scikit-learn POINTS`` or ``python -m bench.memory training SIZE BLOCKS``.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any


def peak() -> float:
    """Peak resident memory of this process so far, in MiB.

    On Linux ``getrusage`` begins with the peak of the process that started this one; the kernel's own mark does not.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) / 2**10
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (2**20 if sys.platform == "darwin" else 2**10)


def mixture(points: int) -> dict[str, Any]:
    """The mixture density of all the components at so many points."""
    from bench import densities

    q, z = densities.mixture(points)
    before, started = peak(), time.perf_counter()
    q.log_density(z)
    return {"before": before, "seconds": time.perf_counter() - started, "peak": peak()}


def scikit_learn(points: int) -> dict[str, Any]:
    """The same density, by scikit-learn."""
    from bench import densities, peers

    q, z = densities.mixture(points)
    peer = peers.ScikitLearn(q.mean[0], q.log_var[0])
    before, started = peak(), time.perf_counter()
    peer.log_density(z[0])
    return {"before": before, "seconds": time.perf_counter() - started, "peak": peak()}


def training(size: str, blocks: int) -> dict[str, Any]:
    """So many blocks, one after the other, as the study trains them."""
    from bench import setting
    from study.vae.config import BLOCK
    from study.vae.training.loop import train

    config = setting.CONFIGS[size].replace(epochs=1)
    images, peaks, on_gpu = setting.images_of(config), [peak()], []
    for block in range(blocks):
        train(config, images, range(BLOCK * block, BLOCK * (block + 1)))
        peaks.append(peak())
        on_gpu.append(setting.gpu_peak())
    before = peaks.pop(0)
    if on_gpu[0] is not None:
        before, peaks = 0.0, on_gpu
    return {"before": before, "peaks": peaks, "peak": peaks[-1], "of": "host" if on_gpu[0] is None else "GPU"}


if __name__ == "__main__":
    answers, sys.stdout = sys.stdout, sys.stderr
    what, *given = sys.argv[1:]
    densities_by = {"mixture": mixture, "scikit-learn": scikit_learn}
    found = densities_by[what](int(given[0])) if what in densities_by else training(given[0], int(given[1]))
    print(json.dumps(found), file=answers)
