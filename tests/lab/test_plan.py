"""The plan: tasks are merged, grouped and timed, and the file gives back what was written."""

from __future__ import annotations

import json

import pytest

from study.errors import EvidenceError, InvalidValue
from study.lab.cache import Block
from study.lab.cost import flop
from study.lab.plan import Plan, Task
from study.lab.times import Times
from study.lab.work import Bench
from study.report.terminal import plan_table
from study.vae.config import VAEConfig

SMALL = VAEConfig(latent_dim=2, encoder_width=4)
LARGE = VAEConfig(latent_dim=2, encoder_width=64)


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path / "cache", "jax")


@pytest.fixture
def plan(bench):
    """Three blocks of a small program, one of a large one; one of them asked for twice."""
    blocks = [Block(SMALL, 1), Block(SMALL), Block(LARGE), Block(SMALL.replace(kl_weight=0.5))]
    tasks = [Task.of(bench, block, "latent", "one") for block in blocks]
    tasks.append(Task.of(bench, Block(SMALL), "generation", "two"))
    return Plan("jax", "root", "/somewhere", ("claims/", "--study-plan"), 3, 4).with_tasks(tasks, Times({}))


def test_a_block_is_trained_once_for_all_who_ask(plan):
    assert len(plan.tasks) == 4
    (both,) = [task for task in plan.tasks if len(task.claims) == 2]
    assert (both.block, both.panels, both.claims) == (Block(SMALL), ("generation", "latent"), ("one", "two"))
    assert both.memory >= min(task.memory for task in plan.tasks)


def test_groups_share_a_program_the_costliest_first(plan):
    large, small = sorted(plan.groups, key=lambda group: group.blocks)
    assert plan.groups == sorted(plan.groups, key=lambda group: -group.seconds)
    assert (large.program, large.blocks, large.vaes) == (LARGE.program(), 1, 8)
    assert (small.program, small.blocks, small.vaes) == (SMALL.program(), 3, 24)
    assert small.flop == pytest.approx(3 * flop(SMALL, 1437))
    assert small.seconds == pytest.approx(3 * flop(SMALL, 1437) / plan.rate)
    assert not small.known
    programs = [task.block.config.program() for task in plan.tasks]
    assert list(dict.fromkeys(programs)) == [group.program for group in plan.groups]


def test_times_of_the_same_program_are_better_than_a_rate(plan):
    known = plan.with_tasks(plan.tasks, Times({LARGE.program().key[:16]: [(50.0, 1.0)]}))
    assert {group.program: group.known for group in known.groups} == {LARGE.program(): True, SMALL.program(): False}
    (large,) = [group for group in known.groups if group.known]
    assert large.seconds == pytest.approx(50)
    assert (plan.assumed, known.assumed) == (True, False)


def test_what_is_trained_already_is_only_measured(plan, bench, monkeypatch):
    monkeypatch.setattr(Bench, "status", lambda self, block: True if block == Block(SMALL) else None)
    tasks = [Task.of(bench, Block(SMALL), "bound", "one"), Task.of(bench, Block(SMALL, 1), "bound", "one")]
    again = plan.with_tasks(tasks, Times({SMALL.program().key[:16]: [(50.0, 1.0)]}))
    assert {task.block.index: (task.trained, task.seconds) for task in again.tasks} == {
        0: (True, 0.0),
        1: (False, 50.0),
    }
    (group,) = again.groups
    assert (group.blocks, group.measured, group.vaes) == (1, 1, 8)
    assert group.flop == pytest.approx(flop(SMALL, 1437))
    assert "trained already, and only measured: 1 blocks more" in plan_table(again, 132, color=False)
    assert "trained already" not in plan_table(plan, 132, color=False)


def test_the_file_gives_the_plan_back(plan, bench):
    assert plan.write(bench.cache) == bench.cache / "plan.json"
    assert Plan.read(bench.cache) == plan
    assert not list(bench.cache.glob(".*"))


def test_a_plan_with_nothing_to_train_is_one(plan, bench):
    empty = plan.with_tasks([], Times({}))
    empty.write(bench.cache)
    assert Plan.read(bench.cache).tasks == Plan.read(bench.cache).noted == ()


@pytest.mark.parametrize("damage", ["{", "[]", '{"schema": 3}', "tasks", "config"])
def test_what_is_damaged_is_one_error(plan, bench, damage):
    path = plan.write(bench.cache)
    content = json.loads(path.read_text())
    if damage == "tasks":
        del content["tasks"][0]["panels"]
        damage = json.dumps(content)
    if damage == "config":
        content["tasks"][0]["config"]["latent_dim"] = 0
        damage = json.dumps(content)
    path.write_text(damage)
    with pytest.raises(EvidenceError, match=r"plan\.json: expected "):
        Plan.read(bench.cache)


def test_other_seeds_make_a_plan_stale(plan, bench, monkeypatch):
    plan.check(bench)
    monkeypatch.setenv("STUDY_SEED_ROOT", "another")
    with pytest.raises(InvalidValue, match=r"^plan: expected a plan made with the present code, data and versions"):
        plan.check(bench)
