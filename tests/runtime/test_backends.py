"""Backends: the one a run would use is the one asked for, or the first installed; nothing is imported to say so."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from study.errors import InvalidValue
from study.runtime import backends


@pytest.fixture
def there(monkeypatch, tmp_path):
    """Pretend that these backends are installed, and that Keras has no configuration but ``saved``."""
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))

    def pretend(*names, saved=None):
        monkeypatch.setattr(backends, "version", lambda name: "1.0" if name in names else None)
        if saved is not None:
            (tmp_path / "keras.json").write_text(saved)

    return pretend


def test_versions():
    assert backends.version("numpy") == np.__version__
    assert backends.version("no-such-distribution-here") is None
    assert backends.backend_version("no-such-backend") is None


def test_the_first_installed_is_used(there):
    there("torch", "jax")
    assert backends.selected() == "jax"
    there("tensorflow-cpu", "torch")  # another distribution of the same backend
    assert backends.selected() == "tensorflow"


@pytest.mark.parametrize(
    ("saved", "used"),
    [
        (json.dumps({"backend": "torch"}), "torch"),
        (json.dumps({"backend": "tensorflow"}), "jax"),  # saved, but not installed
        ("damaged", "jax"),
        ("[]", "jax"),
    ],
)
def test_keras_own_configuration_counts_where_it_can(there, saved, used):
    there("torch", "jax", saved=saved)
    assert backends.selected() == used


def test_what_is_asked_for_is_used(there, monkeypatch):
    there("torch", "jax", saved=json.dumps({"backend": "jax"}))
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    assert backends.selected() == "torch"


@pytest.mark.parametrize(
    ("installed", "asked", "message"),
    [
        (["jax"], "theano", r"one of 'tensorflow', 'jax', 'torch', installed, received 'theano'"),
        (["jax"], "torch", r"an installed backend; pip install 'vae-claims\[torch\]' adds it, received 'torch'"),
        ([], None, r"one of .*, installed, received None"),
    ],
)
def test_what_cannot_be_used_is_refused(there, monkeypatch, installed, asked, message):
    there(*installed)
    if asked is not None:
        monkeypatch.setenv("KERAS_BACKEND", asked)
    with pytest.raises(InvalidValue, match="KERAS_BACKEND: expected " + message):
        backends.selected()


@pytest.mark.framework
def test_the_device_is_named_by_the_framework_in_a_process_of_its_own():
    before = set(sys.modules)
    name = backends.device(backends.selected())
    assert name
    assert not name.startswith("unknown")
    assert not {"jax", "tensorflow", "torch"} & (set(sys.modules) - before)


def test_a_backend_that_fails_or_hangs_is_said_so(monkeypatch):
    monkeypatch.setitem(backends.PROBES, "jax", "raise SystemExit('no driver')")
    assert backends.device("jax") == "unknown: no driver"
    monkeypatch.setitem(backends.PROBES, "jax", "import time; time.sleep(60)")
    assert backends.device("jax", seconds=0.1).startswith("unknown: ")


def test_what_a_framework_writes_as_it_starts_is_dropped_and_an_error_is_not():
    code = (
        "import os\nfrom study.runtime.backends import hushed\n"
        "with hushed():\n    os.write(2, b'log of C++\\n')\n"
        "os.write(2, b'afterwards\\n')\n"
        "with hushed():\n    raise ImportError('no such framework')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "log of C++" not in done.stderr
    assert done.stderr.startswith("afterwards")
    assert "ImportError: no such framework" in done.stderr
