"""Cores and threads: what a process must be told before it imports a framework."""

from __future__ import annotations

import os

from study.runtime.precision import PRECISIONS, checked

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "NPROC": "1",  # XLA's own thread pools
    "TF_CPP_MIN_LOG_LEVEL": "3",
    # Several processes share a GPU: one trains, and peers and workers of the benchmarks come beside it.
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
}
"""Environment of a process that holds itself to one thread."""


def environment(backend: str, precision: str = "float32") -> dict[str, str]:
    """Return the environment of a process that trains on one thread; it must stand before a framework is imported.

    Args:
        backend: Keras backend.
        precision: A key of :data:`study.runtime.precision.PRECISIONS`.
    """
    return {**ONE_THREAD, **PRECISIONS[checked(precision)], "KERAS_BACKEND": backend}


def one_thread(backend: str, precision: str = "float32") -> None:
    """Hold this process to :func:`environment`."""
    os.environ.update(environment(backend, precision))


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
