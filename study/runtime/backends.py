"""Which Keras backends are installed, which one a run would use, and on what device; importing none of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from pathlib import Path

from study.errors import InvalidValue

BACKENDS = {"tensorflow": ("tensorflow", "tensorflow-cpu"), "jax": ("jax",), "torch": ("torch",)}
"""Backends, in the order in which they are tried, and the distributions that may provide each."""

PROBES = {
    "tensorflow": "import tensorflow as f; print(', '.join("
    "f.config.experimental.get_device_details(d).get('device_name', 'cuda')"
    " for d in f.config.list_physical_devices('GPU')) or 'cpu')",
    "jax": "import jax; print(', '.join(d.device_kind for d in jax.devices()))",
    "torch": "import torch as f; print(', '.join(map(f.cuda.get_device_name, range(f.cuda.device_count()))) or 'cpu')",
}
"""What a fresh process is asked for the devices of a backend."""


@cache
def version(distribution: str) -> str | None:
    """Return the version of an installed distribution, or None."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def backend_version(backend: str) -> str | None:
    """Return the version of a backend, whichever distribution provides it, or None."""
    return next(filter(None, map(version, BACKENDS.get(backend, (backend,)))), None)


def installed() -> list[str]:
    """Return the backends that are installed, in the order in which they are tried."""
    return [name for name in BACKENDS if backend_version(name) is not None]


def selected() -> str:
    """Return the backend a run would use: the one asked for, or else the first one installed.

    It is asked for by ``KERAS_BACKEND``, or by Keras' own configuration file.

    Raises:
        InvalidValue: If the one asked for is unknown or not installed, or none is.
    """
    there = installed()
    asked = os.environ.get("KERAS_BACKEND")
    if asked is None:
        config = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "keras.json"
        try:
            saved = json.loads(config.read_text()).get("backend")
        except (OSError, ValueError, AttributeError, RecursionError):  # none, or damaged: Keras would write a new one
            saved = None
        asked = saved if saved in there else next(iter(there), None)
    if asked not in BACKENDS:
        raise InvalidValue("KERAS_BACKEND", asked, "one of " + ", ".join(map(repr, BACKENDS)) + ", installed")
    if asked not in there:
        raise InvalidValue("KERAS_BACKEND", asked, f"an installed backend; pip install 'vae-claims[{asked}]' adds it")
    return asked


def device(backend: str, seconds: float = 120.0) -> str:
    """Return the devices a backend would train on, as it names them, e.g. ``cpu`` or ``NVIDIA H100``.

    A process of its own asks, since the answer takes an import of the framework.

    Args:
        backend: A backend that is installed.
        seconds: After how many seconds to give up.

    Returns:
        The names, or why there are none.
    """
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    command = [sys.executable, "-c", PROBES[backend]]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=True, env=quiet)
    except subprocess.CalledProcessError as error:
        return "unknown: " + (error.stderr.strip().splitlines() or ["no answer"])[-1]
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"unknown: {error}"
    return done.stdout.strip().splitlines()[-1]


@contextmanager
def hushed() -> Iterator[None]:
    """Drop what C++ writes to standard error while a framework is imported for the first time.

    TensorFlow logs a dozen lines, whatever its log level, before that is read. Errors of Python pass.
    """
    if "keras" in sys.modules:
        yield
        return
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
