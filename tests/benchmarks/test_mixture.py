"""The density of the aggregate posterior, at as many components as MNIST has images, against two libraries."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bench import densities, peers, setting

CHECKED = 100
"""Points whose density is computed directly, too."""


class Timed:
    """A peer that reports how long it took."""

    def __init__(self, peer: Any, z: np.ndarray) -> None:
        self.peer, self.z, self.name, self.threads = peer, z, peer.name, peer.threads

    def run(self) -> float:
        """Compute the density at all the points; return seconds."""
        started = time.perf_counter()
        with setting.quiet():
            self.value = self.peer.log_density(self.z)
        return time.perf_counter() - started


def described(points: int) -> dict[str, Any]:
    """What a record says of the work."""
    shape = {"components": densities.COMPONENTS, "latents": densities.LATENTS, "points": points}
    how = "nothing to wait for: NumPy on the CPU; torch.distributions on the CPU"
    return {"kind": "mixture", "precision": "float64", "synchronised": how} | shape


def test_mixture_beside_peers(in_turn: Any, facts: dict[str, Any]) -> None:
    """Ours, scikit-learn's and, on torch, torch.distributions', all on the same points."""
    q, z = densities.mixture(densities.SIDE_BY_SIDE)
    others = [peers.ScikitLearn]
    if facts["backend"] == "torch":
        others.append(peers.TorchDistributions)
    timed = [Timed(peer(q.mean[0], q.log_var[0]), z[0]) for peer in others]
    in_turn(lambda: q.log_density(z), timed, 3, **described(densities.SIDE_BY_SIDE))
    ours = q.log_density(z)[0]
    for peer in timed:
        assert np.abs(peer.value - ours).max() < 1e-2, peer.name  # the same density; torch's is float32


@pytest.mark.slow
def test_mixture_at_full_size(benchmark: Any, facts: dict[str, Any]) -> None:
    """All the points, in a fresh process for its peak memory; and the error against the direct sum in float64."""
    found: list[dict[str, float]] = []

    def run() -> None:
        command = [sys.executable, "-m", "bench.memory", "mixture", str(densities.ALL_POINTS)]
        done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
        found.append(json.loads(done.stdout))

    benchmark.pedantic(run, rounds=3)
    q, z = densities.mixture(densities.ALL_POINTS)
    some = z[:, :CHECKED]
    error = float(np.abs(q.log_density(some)[0] - densities.direct(q, some[0])).max())
    benchmark.extra_info.update(facts | described(densities.ALL_POINTS))
    benchmark.extra_info.update(
        seconds=[one["seconds"] for one in found],
        peak_mib=max(one["peak"] for one in found),
        before_mib=max(one["before"] for one in found),
        error_nats=error,
        checked=CHECKED,
    )


def test_mixture_profile(benchmark: Any, facts: dict[str, Any]) -> None:
    """What the density cannot do without: one matrix product and one exponential for each pair, alone, as blocks."""
    rows, components = 8, densities.COMPONENTS  # the blocks that the density works in
    rng = np.random.default_rng(0)
    points, weights = rng.random((rows, 2 * densities.LATENTS)), rng.random((2 * densities.LATENTS, components))
    pairs, single = np.empty((rows, components)), np.full((rows, components), -1.0, np.float32)
    shares = np.empty_like(single)
    blocks = densities.SIDE_BY_SIDE // rows
    seconds: dict[str, list[float]] = {"products": [], "exponentials": []}

    def others() -> None:
        for name, work in (
            ("products", lambda: np.matmul(points, weights, out=pairs)),
            ("exponentials", lambda: np.exp(single, out=shares)),
        ):
            started = time.perf_counter()
            for _ in range(blocks):
                work()
            seconds[name].append(time.perf_counter() - started)

    q, z = densities.mixture(densities.SIDE_BY_SIDE)
    benchmark.pedantic(lambda: q.log_density(z), setup=others, rounds=3, warmup_rounds=1)
    benchmark.extra_info.update(facts | described(densities.SIDE_BY_SIDE))
    benchmark.extra_info.update(kind="profile", size="mixture", parts=seconds)
