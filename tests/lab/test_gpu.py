"""On a GPU one process trains groups of blocks, and others measure: played through on a CPU, which gives the same."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from study import backends
from study.config import VAEConfig
from study.lab import executor, gpu
from study.lab.cache import Block
from study.lab.work import Bench

CONFIG = VAEConfig(latent_dim=2, encoder_width=4, decoder_width=4, max_epochs=2, window_epochs=1, tolerance=1e3)
BLOCKS = [Block(CONFIG), Block(CONFIG, 1), Block(CONFIG.replace(kl_weight=2.0)), Block(CONFIG.replace(encoder_width=5))]


@pytest.fixture(autouse=True)
def _asked_anew():
    gpu.found.cache_clear()
    yield
    gpu.found.cache_clear()


@pytest.mark.parametrize(
    ("driver", "device", "found"),
    [(None, "NVIDIA H100", False), ("x", "cpu", False), ("x", "unknown: no driver", False), ("x", "NVIDIA H100", True)],
)
def test_a_gpu_is_one_that_the_backend_would_use(monkeypatch, driver, device, found):
    monkeypatch.setattr(shutil, "which", lambda name: driver)
    monkeypatch.setattr(backends, "device", lambda backend: device)
    assert gpu.found("jax") == found


@pytest.mark.framework
def test_one_process_trains_and_the_others_measure(tmp_path, monkeypatch):
    backend, told = backends.selected(), []
    bench, plain = (Bench(tmp_path / name, backend) for name in ("gpu", "cpu"))
    bench.work(BLOCKS[3:], ["latent"])  # recalled, not trained again
    monkeypatch.setattr(gpu, "found", lambda backend: True)
    executor.run(bench, BLOCKS, ["latent", "bound"], 1, told.append)
    assert {r.block for r in told} == set(BLOCKS)
    assert {r.block for r in told if r.trained} == set(BLOCKS[:3])
    assert bench.missing(BLOCKS, ["latent", "bound"]) == []
    plain.work(BLOCKS, ["latent"])
    for block in BLOCKS:
        one, other = (b.values(block, "latent")["rate"].low for b in (bench, plain))
        np.testing.assert_allclose(one, other, rtol=1e-4)
