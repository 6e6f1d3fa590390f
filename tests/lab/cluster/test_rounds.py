"""A round: everything in the plan is trained once, whatever becomes of workers; and who the workers are."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest

from study.errors import StudyError
from study.lab.cache import Block
from study.lab.cluster import rounds
from study.lab.cluster.local import LocalPool
from study.lab.cluster.unit import Failure
from study.lab.plan import Plan, Task
from study.lab.times import Times
from study.lab.work import Bench, Receipt
from study.vae.config import VAEConfig

CONFIG = VAEConfig(latent_dim=2)


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path, "jax")


@pytest.fixture
def plan(bench, monkeypatch):
    monkeypatch.setattr(os, "environ", os.environ | {"STUDY_SEED_ROOT": "root"})
    tasks = [Task.of(bench, Block(CONFIG, index), "latent", "claim") for index in range(4)]
    return Plan("jax", "root", str(bench.cache), (), 1, 0).with_tasks(tasks, Times({}))


@pytest.fixture
def given(monkeypatch):
    """What workers are given, attempt by attempt; ``given.fate`` says what becomes of a block."""
    seen = SimpleNamespace(attempts=[], fate=lambda index, attempt: "trained")

    def outcomes(pool, job, units):
        tasks = [task for unit in units for task in unit.tasks]
        attempt = units[0].attempt
        seen.attempts.append([task.block.index for task in tasks])
        for task in tasks:
            fate = seen.fate(task.block.index, attempt)
            if fate in ("trained", "recalled"):
                yield Receipt(task.block, fate == "trained", 2.0)
            else:
                yield Failure(task, f"was {fate}", fate == "lost")

    monkeypatch.setattr(rounds, "outcomes", outcomes)
    return seen


POOL = SimpleNamespace(slots=lambda: 1, least=0.0)


def test_what_a_worker_loses_is_given_to_another(plan, bench, given):
    given.fate = lambda index, attempt: "lost" if index > attempt else ("recalled" if index == 3 else "trained")
    told = []
    done = rounds.train(plan, bench, POOL, lambda *numbers: told.append(numbers))
    assert given.attempts == [[0, 1, 2, 3], [2, 3], [3]]
    assert (done.trained, done.recalled, done.worker_seconds) == (3, 1, 8.0)
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert len(Times.read(bench.cache, "jax").noted[CONFIG.program().key[:16]]) == 3  # what was trained is noted


def test_what_kills_every_worker_is_an_error_and_the_others_are_trained(plan, bench, given):
    given.fate = lambda index, attempt: "lost" if index == 2 else "trained"
    with pytest.raises(StudyError, match=r"^1 of 4 blocks could not be trained, the others are .*latent_dim.*was lost"):
        rounds.train(plan, bench, POOL)
    assert given.attempts == [[0, 1, 2, 3], [2], [2]]


def test_what_fails_is_not_tried_again(plan, bench, given):
    given.fate = lambda index, attempt: "failed" if index == 2 else "trained"
    with pytest.raises(StudyError, match="was failed"):
        rounds.train(plan, bench, POOL)
    assert given.attempts == [[0, 1, 2, 3]]


def test_pytest_that_fails_while_planning_again_is_told_of(plan, bench):
    plan.write(bench.cache)
    (bench.cache / "test_wrong.py").write_text("def test_wrong(): assert False, 'so it goes'")
    with pytest.raises(StudyError, match=r"(?s)^planning again: .*received exit status 1 .*so it goes"):
        rounds.again(plan, bench.cache)


def test_while_planning_again_the_last_plan_stands(plan, bench):
    """It does for whoever ends us meanwhile; a test that writes no plan is told of all the same."""
    plan.write(bench.cache)
    (bench.cache / "test_nothing.py").write_text("def test_nothing(): pass")
    with pytest.raises(StudyError, match=r"(?s)^planning again: expected pytest to write .*received exit status 0"):
        rounds.again(plan, bench.cache)
    assert Plan.read(bench.cache) == plan
    (bench.cache / "test_nothing.py").write_text(
        "from pathlib import Path\n"
        "def test_nothing():\n"
        "    from study.lab.plan import Plan\n"
        "    from study.lab.times import Times\n"
        f"    cache = Path({str(bench.cache)!r})\n"
        "    Plan.read(cache).with_tasks((), Times({})).write(cache)\n"
    )
    assert rounds.again(plan, bench.cache).tasks == ()


@pytest.mark.parametrize("gpu", [False, True])
def test_local_workers_are_one_a_core_unless_told_or_on_a_gpu(bench, monkeypatch, gpu):
    monkeypatch.setattr(rounds.gpu, "found", lambda backend: gpu)
    pool = rounds.pool_of("local", bench, 3)
    assert isinstance(pool, LocalPool)
    assert pool.slots() == 3
    assert rounds.pool_of("local", bench).slots() == (1 if gpu else rounds.cores())
