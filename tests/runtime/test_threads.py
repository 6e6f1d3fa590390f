"""Threads: what a process is told before it imports a framework."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from study.errors import InvalidValue
from study.runtime.threads import ONE_THREAD, cores, environment, one_thread


def test_the_environment_names_backend_threads_and_precision():
    told = environment("jax", "tf32")
    assert told["KERAS_BACKEND"] == "jax"
    assert told["JAX_DEFAULT_MATMUL_PRECISION"] == "tensorfloat32"
    assert ONE_THREAD.items() <= told.items()
    with pytest.raises(InvalidValue, match="precision"):
        environment("jax", "float8")


def test_one_thread_sets_it(monkeypatch):
    for name in environment("torch"):
        monkeypatch.setenv(name, "else")  # restored afterwards
    one_thread("torch")
    assert environment("torch").items() <= dict(os.environ).items()


def test_numpy_heeds_it():
    """A matrix product takes one thread in a process that was told so."""
    code = "import numpy, threadpoolctl; print({p['num_threads'] for p in threadpoolctl.threadpool_info()})"
    told = {**os.environ, **environment("jax")}
    done = subprocess.run([sys.executable, "-c", code], env=told, capture_output=True, text=True, check=True)
    assert done.stdout.strip() in ("{1}", "set()")


def test_cores_are_those_that_this_process_may_use():
    assert 1 <= cores() <= (os.cpu_count() or 1)
