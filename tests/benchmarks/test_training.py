"""Training against the floor and the peers: models an hour for 1, 8 and 64 replicas, at both sizes.

Two settings of threads. *One program*: as many replicas as asked for, and each peer's one model, on all the cores.
*Side by side*: as the study trains, a block of eight on one thread for each core; the peer, too, one model a core.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from bench import setting

from study.runtime.threads import ONE_THREAD
from study.types import FEATURES
from study.vae.config import BLOCK

EPOCHS = {"digits": {1: 20, 8: 10, 64: 2}, "mnist": {1: 2, 8: 1, 64: 1}}
"""Epochs of our rounds."""
PEER_EPOCHS = {"digits": 10, "mnist": 2}
ROUNDS = {1: 7, 8: 7, 64: 3}


def described(name: str, config: Any, replicas: int, steps: int, programs: int = 1) -> dict[str, Any]:
    """What a record says of the work."""
    return {
        "kind": "training",
        "setting": name,
        "size": config.data,
        "layers": [FEATURES[config.data], *(o for _, o in setting.layers(config))],
        "replicas": replicas,
        "programs": programs,
        "batch": config.batch_size,
        "images": setting.IMAGES[config.data],
        "data": setting.SYNTHETIC,
        "steps": steps,
        **setting.work(config, replicas, steps, programs),
    }


@pytest.mark.parametrize("replicas", [1, 8, pytest.param(64, marks=pytest.mark.slow)])
@pytest.mark.parametrize("size", list(setting.CONFIGS))
def test_one_program(in_turn: Callable[..., None], facts: dict[str, Any], size: str, replicas: int) -> None:
    """One program on all the cores; Keras ``fit`` and, on torch, pythae's trainer, one model on all the cores."""
    from bench import ours, peers

    config = setting.CONFIGS[size].replace(epochs=EPOCHS[size][replicas])
    block = ours.Ours(config, replicas)
    others, skipped = peers.trainers(config, PEER_EPOCHS[size], facts["backend"])
    in_turn(
        block.run, others, ROUNDS[replicas], **described("one program", config, replicas, block.steps), skipped=skipped
    )


class Crew:
    """Worker processes of one thread each, one a core, that train a round at the same time.

    Attributes:
        programs: Processes.
        steps: Steps that each takes in a round.
        models: Models trained by all of them together.
        threads: Threads of each.
    """

    name = "Keras fit"

    def __init__(self, who: str, size: str, replicas: int, epochs: int) -> None:
        """Start them, and wait until all have compiled."""
        command = [sys.executable, "-m", "bench.worker", who, size, str(replicas), str(epochs)]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        place = {"cwd": Path(__file__).parent, "env": os.environ | ONE_THREAD}
        self.programs = setting.cores()
        self.workers = [subprocess.Popen(command, text=True, **pipes, **place) for _ in range(self.programs)]
        ready = [self._answer(worker).split() for worker in self.workers]
        self.steps, models, self.threads = (int(number) for number in ready[0][1:])
        self.models = models * self.programs

    def _answer(self, worker: Any) -> str:
        line = worker.stdout.readline()
        if not line:
            raise RuntimeError(f"a worker ended with {worker.wait()} and no answer")
        return line

    def run(self) -> float:
        """Train a round in all of them; return the seconds that the slowest took."""
        for worker in self.workers:
            worker.stdin.write("\n")
            worker.stdin.flush()
        return max(float(self._answer(worker)) for worker in self.workers)

    def end(self) -> None:
        """Let them go."""
        for worker in self.workers:
            worker.stdin.close()
            worker.wait()
            worker.stdout.close()


@contextmanager
def crew(*arguments: Any) -> Iterator[Crew]:
    """A crew that is let go in the end."""
    found = Crew(*arguments)
    try:
        yield found
    finally:
        found.end()


@pytest.mark.usefixtures("on_cores")
@pytest.mark.parametrize("size", list(setting.CONFIGS))
def test_side_by_side(in_turn: Callable[..., None], size: str) -> None:
    """As the study trains: a block on one thread for each core; Keras ``fit`` likewise, one model a core."""
    config, epochs = setting.CONFIGS[size], EPOCHS[size][BLOCK]
    with crew("ours", size, BLOCK, epochs) as ours, crew("Keras fit", size, 1, PEER_EPOCHS[size]) as peer:
        info = described("side by side", config, BLOCK, ours.steps, ours.programs)
        in_turn(ours.run, [peer], ROUNDS[BLOCK], **info, threads=ours.threads)
