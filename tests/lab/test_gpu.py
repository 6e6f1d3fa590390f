"""On a GPU one process trains groups of blocks, and others measure: played through on a CPU, which gives the same."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from concurrent.futures.process import BrokenProcessPool

import numpy as np
import pytest

from study.errors import TrainingDiverged
from study.lab import executor, gpu
from study.lab.cache import Block
from study.lab.work import Bench
from study.runtime import backends
from study.vae.config import VAEConfig

CONFIG = VAEConfig(latent_dim=2, encoder_width=4, decoder_width=4, max_epochs=2, window_epochs=1, tolerance=1e3)
BLOCKS = [Block(CONFIG), Block(CONFIG, 1), Block(CONFIG.replace(kl_weight=2.0)), Block(CONFIG.replace(encoder_width=5))]


@pytest.fixture(autouse=True)
def _asked_anew():
    gpu.found.cache_clear()
    yield
    gpu.found.cache_clear()
    if gpu._processes.cache_info().currsize:
        gpu._end(*gpu._processes(backends.selected(), 1))


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
    assert all(r.seconds > 0 for r in told)
    for block in BLOCKS:
        one, other = (b.values(block, "latent")["rate"].low for b in (bench, plain))
        np.testing.assert_allclose(one, other, rtol=1e-4)


MANY = [Block(CONFIG.replace(encoder_width=width)) for width in range(4, 10)]  # a program each
ENDLESS = Block(CONFIG.replace(max_epochs=10**6, tolerance=1e-9))


@pytest.mark.framework
def test_what_ends_a_run_ends_the_processes(tmp_path, monkeypatch):
    monkeypatch.setattr(gpu, "found", lambda backend: True)
    bench = Bench(tmp_path, backends.selected())
    began = [process._processes for process in gpu._processes(bench.backend, 1)]

    def stop(receipt):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        executor.run(bench, [BLOCKS[0], ENDLESS, *MANY], ["latent"], 1, stop)
    assert gpu._processes.cache_info().currsize == 0
    assert not any(process.is_alive() for processes in began for process in processes.values())
    assert bench.missing([BLOCKS[0]], ["latent"]) == []
    assert bench.status(ENDLESS) is None


@pytest.mark.framework
def test_after_a_block_that_fails_no_other_is_begun(tmp_path, monkeypatch):
    monkeypatch.setattr(gpu, "found", lambda backend: True)
    bench = Bench(tmp_path, backends.selected())
    diverges = Block(CONFIG.replace(learning_rate=1e30))
    with pytest.raises(TrainingDiverged):
        executor.run(bench, [diverges, *MANY], ["latent"], 1, lambda receipt: None)
    assert gpu._processes.cache_info().currsize == 1
    trainer, _ = gpu._processes(bench.backend, 1)
    trainer.submit(os.getpid).result()  # what had begun is over
    assert sum(bench.status(block) is not None for block in MANY) <= 2


@pytest.mark.framework
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL there")
def test_a_trainer_that_dies_is_replaced(tmp_path, monkeypatch):
    monkeypatch.setattr(gpu, "found", lambda backend: True)
    bench, told = Bench(tmp_path, backends.selected()), []
    trainer, _ = gpu._processes(bench.backend, 1)
    with pytest.raises(BrokenProcessPool):
        trainer.submit(os.kill, trainer.submit(os.getpid).result(), signal.SIGKILL).result()
    with pytest.raises(BrokenProcessPool):
        executor.run(bench, BLOCKS[:1], ["latent"], 1, told.append)
    executor.run(bench, BLOCKS[:1], ["latent"], 1, told.append)
    assert [receipt.trained for receipt in told] == [True]
