"""What a second Dask worker gains, and what handing out a trial costs beside its training.

Workers have imported the framework and compiled the program: both happen once in a worker's life. Nothing else may
run beside it. ``extra_info`` holds seconds per trial, and the overhead as a share of its training.
"""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from study.backends import selected
from study.config import BLOCK, VAEConfig
from study.design import BASES
from study.lab.cache import Block
from study.lab.cluster.dask import DaskPool
from study.lab.cluster.rounds import Round, train
from study.lab.plan import Plan, Task
from study.lab.times import Times
from study.lab.work import Bench
from study.seeds import seed_root

BLOCKS = 8
CONFIG = VAEConfig(data="digits", **BASES["digits"])
ALLOWED = 0.05


def plan(bench: Bench, blocks: range) -> Plan:
    tasks = [Task.of(bench, Block(CONFIG, index), "latent", "benchmark") for index in blocks]
    return Plan(bench.backend, seed_root(), "", (), 1, 0).with_tasks(tasks, Times({}))


@pytest.mark.parametrize("workers", [1, 2])
def test_dask_workers(benchmark: Any, tmp_path: Path, workers: int) -> None:
    """A round of blocks of the smallest data set, the hardest case: the larger ones train for longer."""
    distributed = pytest.importorskip("distributed")
    bench = Bench(tmp_path / "cache", selected())
    options = {"n_workers": workers, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with ExitStack() as stack:
        cluster = stack.enter_context(distributed.LocalCluster(**options))
        pool = stack.enter_context(closing(DaskPool(cluster.scheduler_address.removeprefix("tcp://"))))
        train(plan(bench, range(BLOCKS, BLOCKS + workers)), bench, pool)
        done: Round = benchmark.pedantic(train, args=(plan(bench, range(BLOCKS)), bench, pool), rounds=1)
    assert done.trained == BLOCKS
    overhead = (workers * done.seconds - done.worker_seconds) / done.worker_seconds
    benchmark.extra_info.update(
        workers=workers,
        trials=BLOCKS * BLOCK,
        training_seconds_per_trial=done.worker_seconds / (BLOCKS * BLOCK),
        overhead=overhead,
    )
    # Of more workers than one, some end before the others: that is no overhead of a trial.
    assert workers > 1 or overhead <= ALLOWED
