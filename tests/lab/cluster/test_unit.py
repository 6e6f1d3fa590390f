"""A worker's unit of work: how tasks are grouped, and which workers are refused."""

from __future__ import annotations

import os
import pickle
import sys
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace

import pytest
from filelock import Timeout

from study.errors import InvalidValue, TrainingDiverged
from study.lab.cache import Block
from study.lab.cluster import unit
from study.lab.cluster.unit import Failure, Job, Unit, units, work
from study.lab.plan import Task
from study.lab.work import Bench, Receipt
from study.vae.config import VAEConfig

SMALL, LARGE = (VAEConfig(latent_dim=2, encoder_width=width) for width in (4, 64))


def task(config, index=0, panels=("latent",), seconds=1.0):
    return Task(f"{config.encoder_width}-{index}", Block(config, index), panels, ("claim",), 1.0, 1, seconds)


# Units.


def test_blocks_of_one_program_and_panel_go_together_the_longest_first():
    tasks = [task(SMALL, i) for i in range(4)] + [task(LARGE, i, seconds=9.0) for i in range(4)]
    tasks += [task(SMALL, 9, ("generation",))]
    found = units(tasks, 1)
    assert [[t.key for t in one.tasks] for one in found] == [
        ["64-0", "64-1", "64-2"], ["64-3"], ["4-0", "4-1", "4-2"], ["4-3"], ["4-9"],
    ]  # fmt: skip
    assert all(len(one.tasks) == 1 for one in units(tasks, 3))  # else workers could not share evenly
    assert all(len(one.tasks) == 1 for one in units(tasks, 1, attempt=2))


def test_short_units_go_together_while_every_worker_has_one():
    tasks = [task(SMALL.replace(encoder_width=width)) for width in range(1, 9)]
    assert [len(one.tasks) for one in units(tasks, 1, least=3.0)] == [3, 3, 2]
    assert [len(one.tasks) for one in units(tasks, 4, least=3.0)] == [2, 2, 2, 2]
    assert [len(one.tasks) for one in units(tasks, 1, least=600.0)] == [8]


def test_no_unit_is_so_long_that_workers_who_come_late_find_none():
    tasks = [task(SMALL, i, seconds=100.0) for i in range(100)]
    assert {len(one.tasks) for one in units(tasks, 1)} == {3, 1}  # 300 s, of 100 tasks
    assert {len(one.tasks) for one in units([replace(t, seconds=1e4) for t in tasks], 1)} == {1}
    assert {len(one.tasks) for one in units([replace(t, seconds=0.0) for t in tasks], 1)} == {25}
    assert {len(one.tasks) for one in units(tasks, 1, least=600.0)} == {6, 4}  # a job of Slurm's waits in a queue


def test_a_unit_is_known_by_its_content():
    one, same, again = Unit((task(SMALL),)), Unit((task(SMALL, seconds=5.0),)), Unit((task(SMALL),), attempt=2)
    assert one.digest == same.digest != again.digest
    assert one.digest != Unit((task(SMALL, panels=("bound",)),)).digest
    assert pickle.loads(pickle.dumps(one)).digest == one.digest


# What a worker does.


@pytest.fixture
def environment(monkeypatch):
    """A process like a fresh worker's, whatever ran here before."""
    monkeypatch.setattr(os, "environ", os.environ.copy())
    modules = {
        name: module for name, module in sys.modules.items() if name not in ("keras", "jax", "tensorflow", "torch")
    }
    monkeypatch.setattr(unit, "sys", SimpleNamespace(modules=modules))
    return modules


@pytest.fixture
def job(tmp_path, environment):
    with Job.of(Bench(tmp_path / "cache", "jax"), "root") as job:
        yield job


@pytest.fixture
def done(monkeypatch):
    """What benches are asked to do, in order; block 1 is busy at first, block 2 diverges."""
    seen = []

    def work_one(bench, block, panels, wait=True):
        if block.index == 1 and not wait:
            raise Timeout("lock")
        if block.index == 2:
            raise TrainingDiverged("loss")
        seen.append((block.index, tuple(panels), os.environ["STUDY_SEED_ROOT"]))
        return Receipt(block, True, 1.0)

    monkeypatch.setattr(Bench, "work_one", work_one)
    return seen


def keyed(job, *indices):
    """A unit of the present code's keys, made as on the machine that plans."""
    os.environ["STUDY_SEED_ROOT"] = job.seed_root
    bench = Bench(unit.Path(job.cache), job.backend)
    return Unit(tuple(Task.of(bench, Block(SMALL, index), "latent", "claim") for index in indices))


def test_what_diverges_fails_alone_and_what_is_busy_comes_last(job, done):
    outcomes = work(job, keyed(job, 1, 2, 3))
    assert done == [(3, ("latent",), "root"), (1, ("latent",), "root")]
    failure, *receipts = outcomes
    assert isinstance(failure, Failure)
    assert (failure.task.block.index, failure.error, failure.lost) == (2, "TrainingDiverged: loss", False)
    assert [receipt.block.index for receipt in receipts] == [3, 1]


def test_on_a_gpu_a_unit_trains_as_one_program(job, done, monkeypatch):
    """Blocks 3 and 4 are trained together in a second each; 1 is another process's, 2 cannot be trained at all."""
    clock, together = iter([10.0, 12.0]), []

    def train(bench, blocks):
        together.append([block.index for block in blocks])
        return {block for block in blocks if block.index > 2}

    monkeypatch.setattr(Bench, "groups", lambda bench, blocks: [blocks[:1], blocks[1:]])
    monkeypatch.setattr(Bench, "train", train)
    monkeypatch.setattr(unit, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    work_one = Bench.work_one
    monkeypatch.setattr(Bench, "work_one", lambda *given, **more: replace(work_one(*given, **more), trained=False))
    failure, *receipts = work(job, keyed(job, 2, 1, 3, 4))
    assert together == [[1, 3, 4]]
    assert isinstance(failure, Failure)
    told = {receipt.block.index: (receipt.trained, receipt.seconds) for receipt in receipts}
    assert told == {3: (True, 2.0), 4: (True, 2.0), 1: (False, 1.0)}  # half of two seconds, and a second to measure


def test_what_cannot_be_trained_together_is_trained_alone(job, done, monkeypatch):
    def train(bench, blocks):
        raise MemoryError

    monkeypatch.setattr(Bench, "groups", lambda bench, blocks: [blocks])
    monkeypatch.setattr(Bench, "train", train)
    assert [receipt.block.index for receipt in work(job, keyed(job, 3, 4))] == [3, 4]


def test_a_worker_is_told_where_the_data_are_unless_it_knows(job, done):
    os.environ.pop("STUDY_DATA", None)
    work(replace(job, data="/there"), keyed(job, 0))
    assert os.environ["STUDY_DATA"] == "/there"
    work(replace(job, data="/elsewhere"), keyed(job, 0))
    assert os.environ["STUDY_DATA"] == "/there"


def refusal(job, one):
    error = work(job, one)
    assert isinstance(error, InvalidValue)
    return str(error)


def test_a_worker_that_does_not_see_the_cache_is_refused(job, done, tmp_path):
    text = refusal(replace(job, cache=str(tmp_path / "mine")), keyed(job, 0))
    assert text.startswith("worker on ")
    assert f"expected the cache folder {tmp_path / 'mine'}, shared by all workers, received 'no probe-" in text
    assert not (tmp_path / "mine").exists()


def test_a_worker_of_other_versions_is_refused(job, done):
    theirs = tuple((name, "0.1" if name == "jax" else version) for name, version in job.versions)
    assert "expected jax 0.1, as where the plan was made, received 'jax " in refusal(
        replace(job, versions=theirs), keyed(job, 0)
    )


def test_a_worker_of_another_backend_is_refused(job, done, environment):
    environment["keras"] = SimpleNamespace(config=SimpleNamespace(backend=lambda: "torch"))
    text = refusal(job, keyed(job, 0))
    assert "expected backend 'jax'; a process keeps its first one: restart the worker, received 'torch'" in text


def test_a_worker_of_another_precision_is_refused(job, done, environment):
    work(job, keyed(job, 0))
    environment["jax"] = None  # imported by that unit, or by one before it
    os.environ["STUDY_PRECISION"] = "tf32"
    text = refusal(job, keyed(job, 0))
    assert "expected precision 'float32'; a process keeps its first one: restart it, received 'tf32'" in text


def test_a_worker_that_imported_a_framework_with_other_threads_is_refused(job, done, environment):
    environment["torch"] = None
    os.environ["OMP_NUM_THREADS"] = "7"
    assert "received 'one that has imported torch already'" in refusal(job, keyed(job, 0))


def test_a_worker_of_other_data_is_refused(job, done):
    one = keyed(job, 0)
    other = Unit((replace(one.tasks[0], key="another"),))
    assert "expected another: other data than where the plan was made, received 'content address" in refusal(job, other)
    assert not done


def test_the_probe_goes_with_the_run(tmp_path):
    with suppress(KeyboardInterrupt), Job.of(Bench(tmp_path, "jax"), "root") as job:
        assert (tmp_path / job.probe).exists()
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())
