"""Worker processes on this machine: each is replaced when it dies, and takes only its own unit with it."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import closing

import pytest

from study.errors import InvalidValue
from study.lab.cache import Block
from study.lab.cluster import local
from study.lab.cluster.local import LocalPool
from study.lab.cluster.pool import outcomes
from study.lab.cluster.unit import Failure, Job, Unit
from study.lab.plan import Task
from study.vae.config import VAEConfig


def unit(index, attempt=1):
    task = Task(str(index), Block(VAEConfig(), index), ("latent",), ("claim",), 1.0, 1)
    return Unit((task,), attempt)


def pid_of(job, unit):
    """Say who does a unit; the process of unit 1 is killed."""
    if unit.tasks[0].key == "1":
        os.kill(os.getpid(), signal.SIGKILL)
    return [(unit.tasks[0].key, os.getpid(), os.environ["OMP_NUM_THREADS"], os.environ["KERAS_BACKEND"])]


pid_of.__module__ = "__main__"  # pickled by value, then: workers cannot import this file


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL there")
def test_a_process_that_dies_loses_its_own_unit_only(monkeypatch):
    monkeypatch.setattr(os, "environ", os.environ.copy())
    monkeypatch.setattr(local, "work", pid_of)
    job = Job("", "planted", "root", "float32", None, (), "")
    with closing(LocalPool(2)) as pool:
        found = list(outcomes(pool, job, [unit(index) for index in range(5)]))
        assert pool.slots() == 2
    failures = [outcome for outcome in found if isinstance(outcome, Failure)]
    assert [(failure.task.key, failure.lost) for failure in failures] == [("1", True)], failures
    done = [outcome for outcome in found if not isinstance(outcome, Failure)]
    assert {(key, threads, backend) for key, _, threads, backend in done} == {(k, "1", "planted") for k in "0234"}
    assert os.getpid() not in {pid for _, pid, *_ in done}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL there")
def test_a_process_that_dies_with_nothing_to_do_is_replaced(monkeypatch):
    monkeypatch.setattr(os, "environ", os.environ.copy())
    monkeypatch.setattr(local, "work", pid_of)
    job = Job("", "planted", "root", "float32", None, (), "")
    with closing(LocalPool(1)) as pool:
        ((_, first, *_),) = outcomes(pool, job, [unit(0)])
        os.kill(first, signal.SIGKILL)
        (idle,) = pool.free
        end = time.monotonic() + 60
        while not idle._flags.broken:  # until its own watchdog has seen it
            assert time.monotonic() < end
            time.sleep(0.01)
        ((key, second, *_),) = outcomes(pool, job, [unit(2)])
        assert (key, pool.slots()) == ("2", 1)
    assert second != first


def test_no_processes_are_refused():
    with pytest.raises(InvalidValue, match=r"^--workers: expected an integer ≥ 1, received 0\.$"):
        LocalPool(0)
