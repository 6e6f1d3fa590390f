"""What a second Dask worker gains, and what handing out a trial costs beside its training.

Workers have imported the framework and compiled the program: both happen once in a worker's life. Nothing else may
run beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from study.lab.cache import Block
from study.lab.cluster.dask import DaskPool
from study.lab.cluster.rounds import Round, train
from study.lab.times import Times

from study.design.grids import BASES
from study.lab.plan import Plan, Task
from study.lab.work import Bench
from study.runtime.backends import selected
from study.seeds import seed_root
from study.vae.config import BLOCK, VAEConfig

BLOCKS = 8
CONFIG = VAEConfig(data="digits", **BASES["digits"])
WORKERS = 2
ALLOWED = 0.05


def plan(bench: Bench, blocks: range) -> Plan:
    tasks = [Task.of(bench, Block(CONFIG, index), "latent", "benchmark") for index in blocks]
    return Plan(bench.backend, seed_root(), "", (), 1, 0).with_tasks(tasks, Times({}))


def timed(folder: Path, workers: int, run: Callable[[Callable[[], Round]], Round]) -> Round:
    """Train the blocks on so many workers, which have trained one block before."""
    distributed = pytest.importorskip("distributed")
    bench = Bench(folder / str(workers), selected())
    options = {"n_workers": workers, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with ExitStack() as stack:
        cluster = stack.enter_context(distributed.LocalCluster(**options))
        pool = stack.enter_context(closing(DaskPool(cluster.scheduler_address.removeprefix("tcp://"))))
        train(plan(bench, range(BLOCKS, BLOCKS + workers)), bench, pool)
        done = run(lambda: train(plan(bench, range(BLOCKS)), bench, pool))
    assert done.trained == BLOCKS
    return done


@pytest.mark.slow
@pytest.mark.usefixtures("on_cores")
def test_dask_workers(benchmark: Any, facts: dict[str, Any], tmp_path: Path) -> None:
    """A round of blocks of the smallest data set, the hardest case: the larger ones train for longer."""
    alone = timed(tmp_path, 1, lambda work: work())
    both = timed(tmp_path, WORKERS, lambda work: benchmark.pedantic(work, rounds=1))
    benchmark.extra_info.update(facts | {"kind": "cluster", "threads": 1, "programs": WORKERS})
    benchmark.extra_info.update(
        synchronised="a worker answers when its arrays are in the cache",
        trials=BLOCKS * BLOCK,
        one_worker_seconds=alone.seconds,
        training_seconds_per_trial=alone.worker_seconds / (BLOCKS * BLOCK),
        # Of more workers than one, some end before the others: that is no overhead of a trial.
        overhead=(alone.seconds - alone.worker_seconds) / alone.worker_seconds,
        seconds=both.seconds,
    )
    assert benchmark.extra_info["overhead"] <= ALLOWED
