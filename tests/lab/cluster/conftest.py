"""What executors are tried on: a plan of tiny blocks, and what training it must leave in the cache."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def tiny_plan() -> Callable[[Path], tuple[Any, Any]]:
    """Return the bench in a folder, and a plan of six blocks of one program."""
    from study.lab.cache import Block
    from study.lab.plan import Plan, Task
    from study.lab.times import Times
    from study.lab.work import Bench
    from study.runtime.backends import selected
    from study.seeds import seed_root
    from study.vae.config import VAEConfig

    config = VAEConfig(latent_dim=2, encoder_width=4, decoder_width=4, max_epochs=60, window_epochs=30, tolerance=1e-9)

    def make(folder: Path) -> tuple[Bench, Plan]:
        bench = Bench(folder, selected())
        tasks = [Task.of(bench, Block(config, index), "structure", "tiny") for index in range(6)]
        plan = Plan(bench.backend, seed_root(), str(folder), (), 1, 0).with_tasks(tasks, Times({}))
        return bench, plan

    return make


@pytest.fixture(scope="session")
def contents() -> Callable[[Path], dict[str, bytes]]:
    """Return the files of a cache that hold numbers."""

    def read(cache: Path) -> dict[str, bytes]:
        found = [path for pattern in ("*.safetensors", "*.json") for path in cache.glob(f"??/*/{pattern}")]
        return {path.relative_to(cache).as_posix(): path.read_bytes() for path in found}

    return read


@pytest.fixture(scope="session")
def trained_here(
    tiny_plan: Callable[[Path], tuple[Any, Any]],
    contents: Callable[[Path], dict[str, bytes]],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, bytes]:
    """What a process of this machine makes of the plan."""
    from study.lab.cluster.local import LocalPool
    from study.lab.cluster.rounds import train

    bench, plan = tiny_plan(tmp_path_factory.mktemp("local"))
    with closing(LocalPool(1)) as pool:
        done = train(plan, bench, pool)
    assert (done.trained, done.recalled) == (6, 0)
    assert not bench.missing([task.block for task in plan.tasks], ["structure"])
    return contents(bench.cache)
