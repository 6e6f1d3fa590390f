"""An external scheduler and its workers, by the command lines of the README; some of them are killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import numpy as np
import pytest

from study.errors import InvalidValue
from study.lab import cluster
from study.lab.artefacts import Block, Setting
from study.lab.run import DAY, Engine, WorkersLost
from study.lab.store import Store
from study.measures.registry import Measure
from study.vae.config import VAEConfig

pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="there are neither SIGKILL nor groups of processes there"
)

RATE = Measure.of("rate")
SETTING = Setting("jax")
BLOCKS = [Block(VAEConfig(), index, SETTING) for index in range(2)]


def everything(blocks, measures=(RATE,)):
    return {block: set(measures) for block in blocks}


class External:
    """A scheduler and workers, which end with the test."""

    def __init__(self, folder, stack):
        self.file, self.stack = folder / "scheduler.json", stack
        self.scheduler = self.start("scheduler", "--host", "127.0.0.1", "--port", 0)
        wait_for(self.file.exists)

    def start(self, *arguments, **changes):
        command = [sys.executable, "-m", "dask", *arguments, "--scheduler-file", self.file, "--no-dashboard"]
        process = subprocess.Popen(
            list(map(str, command)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **changes,
        )
        self.stack.callback(kill, process)
        return process

    def worker(self, threads=1, **changes):
        return self.start("worker", "--nthreads", threads, "--nworkers", 1, **changes)

    @property
    def address(self):
        return json.loads(self.file.read_text())["address"].replace("tcp://", "dask://")


def kill(process):
    """Kill a process with those that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(condition):
    end = time.monotonic() + 240
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def external(tmp_path):
    with ExitStack() as stack:
        yield External(tmp_path, stack)


@pytest.fixture
def engine_at(tmp_path):
    """Return an engine that asks the workers of a scheduler."""
    with ExitStack() as stack:

        def make(where, setting=SETTING):
            engine = Engine(Store(tmp_path / "cache"), setting, str(where))
            stack.callback(engine.close)
            return engine

        yield make


@pytest.mark.framework
def test_workers_of_others_of_which_one_is_killed_give_the_same_numbers(external, engine_at, tmp_path):
    from study.runtime.backends import selected

    setting = Setting(selected())
    config = VAEConfig(latent_dim=1, encoder_width=4, decoder_width=4, epochs=100)
    blocks = [Block(config, index, setting) for index in range(6)]
    first, _ = external.worker(), external.worker()
    (tmp_path / "cache").mkdir()
    for name, age in (("probe-killed", 2 * DAY), ("probe-beside", 0)):
        (tmp_path / "cache" / name).touch()
        os.utime(tmp_path / "cache" / name, (time.time() - age,) * 2)
    engine = engine_at(external.file, setting)
    engine.submit(everything(blocks))
    wait_for(lambda: list((tmp_path / "cache").glob("*/*/weights*")))
    kill(first)
    engine.wait(everything(blocks))
    assert engine.trained == set(blocks)
    engine.close()
    assert [path.name for path in (tmp_path / "cache").glob("probe-*")] == ["probe-beside"]
    again = engine_at(external.address, setting)  # by its address; the worker that is left goes on working for others
    measure = Measure.of("active_units")
    again.submit(everything(blocks[:1], (measure,)))
    again.wait(everything(blocks[:1], (measure,)))

    here = Engine(Store(tmp_path / "here"), setting, 1)
    here.submit(everything(blocks))
    here.wait(everything(blocks))
    for block in blocks:
        one, other = (store.values(block, RATE).low for store in (engine.store, here.store))
        np.testing.assert_array_equal(one, other)


def test_a_worker_of_several_threads_is_refused_by_name(external, engine_at):
    external.worker(threads=2)
    engine = engine_at(external.file)
    engine.submit(everything(BLOCKS))
    with pytest.raises(
        InvalidValue, match=r"^worker on .*: expected one thread: `dask worker … --nthreads 1`, received"
    ):
        engine.wait(everything(BLOCKS))


def test_a_worker_with_other_code_is_refused_by_name(external, engine_at, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(Path(cluster.__file__).parents[1], elsewhere / "study")
    rate = elsewhere / "study" / "measures" / "rate.py"
    rate.write_text(rate.read_text().replace("mean(1)", "mean(1) + 0.0"))
    external.worker(cwd=elsewhere, env={**os.environ, "PYTHONPATH": str(elsewhere)})
    engine = engine_at(external.file)
    wanted = everything(BLOCKS[:1])
    engine.submit(wanted)
    with pytest.raises(
        InvalidValue, match=r"^worker on .*: expected code, packages and data \w+, as where the run was"
    ):
        engine.wait(wanted)


def test_a_scheduler_that_goes_is_one_error(external, engine_at):
    engine = engine_at(external.file)
    engine.submit(everything(BLOCKS))
    kill(external.scheduler)
    began = time.monotonic()
    with pytest.raises(WorkersLost, match="the scheduler of the workers answers no more; what is trained is kept"):
        engine.wait(everything(BLOCKS))
    engine.close()
    assert time.monotonic() - began < 30
