"""The density of the aggregate posterior, at as many components as MNIST has images, against two libraries."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest
from bench import densities, peers, setting

from study.latent import mixture

PEER_GIB = 20
"""Memory that scikit-learn needs for all the points."""
SETTLING = 10.0
"""Seconds in which the system takes that memory back: what comes next would pay for it."""
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
    threads = setting.cores() if points * densities.COMPONENTS >= mixture._SHARED else 1
    how = "nothing to wait for: NumPy on the CPU; torch.distributions on the CPU"
    return {"kind": "mixture", "device": "cpu", "threads": threads, "precision": "float64", "synchronised": how} | shape


def fresh(what: str, points: int) -> dict[str, float]:
    """Seconds and peak memory of one density in a process of its own."""
    command = [sys.executable, "-m", "bench.memory", what, str(points)]
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


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
    benchmark.pedantic(lambda: found.append(fresh("mixture", densities.ALL_POINTS)), rounds=3)
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


@pytest.mark.slow
def test_mixture_beside_scikit_learn_at_full_size(benchmark: Any, facts: dict[str, Any]) -> None:
    """All the points, each density in a fresh process in turn: scikit-learn holds every pair in memory."""
    found: list[dict[str, float]] = []
    theirs: list[dict[str, float]] = []
    has = pytest.importorskip("psutil").virtual_memory().available / 2**30
    if has < PEER_GIB:
        pytest.skip(f"scikit-learn needs {PEER_GIB} GiB at this size; {has:.1f} GiB are available")

    def other() -> None:
        theirs.append(fresh("scikit-learn", densities.ALL_POINTS))
        time.sleep(SETTLING)

    benchmark.pedantic(lambda: found.append(fresh("mixture", densities.ALL_POINTS)), setup=other, rounds=3)
    benchmark.extra_info.update(facts | described(densities.ALL_POINTS))
    seconds = [one["seconds"] for one in theirs]
    peer = {"seconds": seconds, "median": median(seconds), "threads": setting.cores()}
    benchmark.extra_info.update(
        seconds=[one["seconds"] for one in found],
        peers={peers.ScikitLearn.name: peer | {"peak_mib": max(one["peak"] for one in theirs)}},
    )
