"""What the benchmarks share: the machine's ceilings, and what every record says, or leaves out."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from study.runtime.precision import PRECISIONS
from study.runtime.threads import ONE_THREAD

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # for `bench`, also in worker processes

# What the study tells a process before it imports a framework; but for the threads, which the benchmarks choose.
for _name in ("TF_CPP_MIN_LOG_LEVEL", "XLA_PYTHON_CLIENT_PREALLOCATE", "TF_FORCE_GPU_ALLOW_GROWTH"):
    os.environ.setdefault(_name, ONE_THREAD[_name])


def pytest_configure(config: pytest.Config) -> None:
    """Tell every process the precision of ``--study-precision``, an option of the study's plugin."""
    os.environ.update(PRECISIONS[config.getoption("--study-precision", None) or "float32"])


def pytest_benchmark_update_machine_info(config: Any, machine_info: dict[str, Any]) -> None:
    """Drop the host's name, which says nothing to others."""
    machine_info.pop("node", None)


@pytest.fixture(scope="session")
def facts() -> dict[str, Any]:
    """Backend, device, threads, precision, how the device is waited for."""
    from bench import setting

    return setting.facts()


@pytest.fixture
def on_cores(facts: dict[str, Any]) -> None:
    """Leave out what is about a block on each core where a GPU trains: there one process trains."""
    if facts["device"] != "cpu":
        pytest.skip(f"blocks train side by side on the cores of a CPU; {facts['device']} trains them as one program")


@pytest.fixture(scope="session")
def all_ceilings() -> Any:
    from bench import setting
    from bench.ceilings import Ceilings

    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        if os.environ.get(name, str(setting.cores())) != str(setting.cores()):
            pytest.exit(
                f"{name} holds libraries to {os.environ[name]} threads: there is no ceiling of all the cores", 4
            )
    return Ceilings()


@pytest.fixture
def ceilings(all_ceilings: Any) -> Any:
    """The machine's ceilings, with no sample yet."""
    all_ceilings.forget()
    return all_ceilings


@pytest.fixture(autouse=True)
def nothing_left_over() -> Iterator[None]:
    """Give back the memory of a test's programs, and the environment as it was."""
    before = dict(os.environ)
    yield
    # Starting a Dask cluster tells every later process to hand memory back at once, which slows it by half.
    os.environ.clear()
    os.environ.update(before)
    if "study.vae.training.loop" in sys.modules:
        sys.modules["study.vae.training.loop"]._program.cache_clear()
    gc.collect()


@pytest.fixture
def in_turn(benchmark: Any, ceilings: Any, facts: dict[str, Any]) -> Callable[..., None]:
    """Time ours with pytest-benchmark; before every round the ceilings and the peers take their turn, too."""

    def run(ours: Callable[[], Any], peers: list[Any] = (), rounds: int = 5, **info: Any) -> None:
        seconds: dict[str, list[float]] = {peer.name: [] for peer in peers}

        def others() -> None:
            ceilings.measure()
            for peer in peers:
                seconds[peer.name].append(peer.run())

        ours()  # compiles
        benchmark.pedantic(ours, setup=others, rounds=rounds)
        sources = {name: getattr(ceilings, name).source for name in ceilings.rates}
        benchmark.extra_info.update(facts | info | ceilings.rates | {"ceilings_by": sources})
        benchmark.extra_info["peers"] = {
            peer.name: {
                "seconds": seconds[peer.name],
                "median": median(seconds[peer.name]),
                "threads": peer.threads,
                **{name: getattr(peer, name) for name in ("steps", "models", "programs") if hasattr(peer, name)},
            }
            for peer in peers
        }

    return run
