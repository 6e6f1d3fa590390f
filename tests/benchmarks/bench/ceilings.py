"""The machine's ceilings: float32 matrix products and copying, with all the cores or the whole GPU."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from bench import setting

TRIES = 5


class Ceiling:
    """One ceiling, by the fastest way found to reach it.

    Attributes:
        amount: FLOP, or bytes read and written, of one call.
        source: Who does it: NumPy or the backend.
    """

    def __init__(self, amount: float, ways: dict[str, Callable[[], Any]]) -> None:
        """Try every way a few times, and keep the fastest."""
        self.amount, self.ways = amount, ways
        best = {}
        for name in ways:
            self.source = name
            self.rate()  # the first call compiles, and touches its memory
            best[name] = max(self.rate() for _ in range(TRIES))
        self.found = best
        self.source = max(best, key=lambda name: best[name])

    def run(self) -> None:
        """Do it once, and wait for the end."""
        setting.synchronise(self.ways[self.source]())

    def rate(self) -> float:
        """Do it once; return FLOP/s or bytes/s."""
        started = time.perf_counter()
        self.run()
        return self.amount / (time.perf_counter() - started)


def sgemm() -> Ceiling:
    """Float32 matrix products: NumPy's, or the backend's."""
    import keras

    size = 2048 if setting.facts()["device"] == "cpu" else 8192
    a, b = np.random.default_rng(0).random((2, size, size), dtype=np.float32)
    out = np.empty_like(a)
    x, y = (keras.ops.convert_to_tensor(matrix) for matrix in (a, b))
    ways = {"NumPy": lambda: np.matmul(a, b, out=out), "backend": lambda: keras.ops.matmul(x, y)}
    return Ceiling(2.0 * size**3, ways)


def copy() -> Ceiling:
    """Copies of 128 MiB, four times what the largest cache holds: NumPy's, one part a core, or the backend's x + 1."""
    import keras

    values = 2**25
    source, target = np.ones(values, np.float32), np.zeros(values, np.float32)
    pool = ThreadPoolExecutor(setting.cores())
    parts = [slice(start, start + 2**21) for start in range(0, values, 2**21)]
    x = keras.ops.convert_to_tensor(source)

    def by_numpy() -> None:
        list(pool.map(lambda part: np.copyto(target[part], source[part]), parts))

    return Ceiling(8.0 * values, {"NumPy": by_numpy, "backend": lambda: keras.ops.add(x, 1.0)})


class Ceilings:
    """Both ceilings, measured again between the rounds of a benchmark, so that drift hits them too."""

    def __init__(self) -> None:
        """Find the fastest way to each."""
        self.sgemm, self.copy = sgemm(), copy()
        self.rates: dict[str, list[float]] = {}

    def forget(self) -> None:
        """Begin a new benchmark."""
        self.rates = {"sgemm": [], "copy": []}

    def measure(self) -> None:
        """Take one more sample of each."""
        for name in self.rates:
            self.rates[name].append(getattr(self, name).rate())
