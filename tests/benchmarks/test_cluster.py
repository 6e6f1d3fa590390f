"""What a second Dask worker gains, and what handing out a trial costs beside its training.

Workers have imported the framework and compiled the program: both happen once in a worker's life. Nothing else may
run beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from study.design.grids import BASES
from study.lab import cluster
from study.lab.artefacts import Block, Setting
from study.lab.run import Engine, Remote
from study.lab.store import Store
from study.runtime.backends import selected
from study.vae.config import BLOCK, VAEConfig

BLOCKS = 8
CONFIG = VAEConfig(data="digits", **BASES["digits"])
WORKERS = 2
ALLOWED = 0.05


def timed(folder: Path, count: int, run: Callable[[Callable[[], None]], None]) -> tuple[float, float]:
    """Train the blocks on so many workers, which have trained one block before; return the seconds, and of training."""
    pytest.importorskip("distributed")
    setting = Setting(selected())
    engine = Engine(Store(folder / str(count)), setting, count)
    engine._pool = Remote(cluster.local(setting, count))  # one worker, too: an engine would do that work itself
    blocks = [Block(CONFIG, index, setting) for index in range(BLOCKS + count)]

    def train(some: list[Block]) -> None:
        wanted = dict.fromkeys(some, ())
        engine.submit(wanted)
        engine.wait(wanted)

    with closing(engine):
        train(blocks[BLOCKS:])
        began = perf_counter()
        run(lambda: train(blocks[:BLOCKS]))
        seconds = perf_counter() - began
    assert engine.trained == set(blocks)
    return seconds, sum(engine.store.status(block).seconds for block in blocks[:BLOCKS])


@pytest.mark.slow
@pytest.mark.usefixtures("on_cores")
def test_dask_workers(benchmark: Any, facts: dict[str, Any], tmp_path: Path) -> None:
    """A round of blocks of the smallest data set, the hardest case: the larger ones train for longer."""
    alone, training = timed(tmp_path, 1, lambda work: work())
    both, _ = timed(tmp_path, WORKERS, lambda work: benchmark.pedantic(work, rounds=1))
    benchmark.extra_info.update(facts | {"kind": "cluster", "threads": 1, "programs": WORKERS})
    benchmark.extra_info.update(
        synchronised="a worker answers when its arrays are in the cache",
        trials=BLOCKS * BLOCK,
        one_worker_seconds=alone,
        training_seconds_per_trial=training / (BLOCKS * BLOCK),
        # Of more workers than one, some end before the others: that is no overhead of a trial.
        overhead=(alone - training) / training,
        seconds=both,
    )
    assert benchmark.extra_info["overhead"] <= ALLOWED
