"""The plan of a run: which blocks it would train and measure, what that takes, and what later looks may add."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from study.data.loading import load
from study.lab.artefacts import Block
from study.lab.run import Engine, Wanted
from study.vae.config import BLOCK, VAEConfig
from study.vae.training.cost import flop, memory

ASSUMED = 4e10
"""FLOP at most per second of a worker where nothing was trained yet: as a 2.4 GHz core did the quick scale, blocks that
converge before all epochs allowed are over included."""


@dataclass(frozen=True)
class Program:
    """The blocks of a plan that share one compiled program.

    Attributes:
        config: The program.
        blocks: Blocks to be trained.
        measured: Blocks that are trained already, and only measured.
        flop: Floating-point operations of training all of them, at most.
        memory: Estimate of the bytes that one of them takes.
        seconds: Estimate of the seconds that training them takes one worker.
    """

    config: VAEConfig
    blocks: int
    measured: int
    flop: float
    memory: int
    seconds: float


@dataclass(frozen=True)
class Plan:
    """What a run would do.

    Attributes:
        programs: What the first look takes, the costliest first.
        values: Values that would be computed: one a measure and block.
        known: Blocks that are whole in the store.
        rate: FLOP per second at which time was estimated.
        assumed: Whether that rate is assumed, as no block that the run uses has been trained yet.
        later: FLOP, at most, of all later looks together, were every row to need them.
    """

    programs: tuple[Program, ...]
    values: int
    known: int
    rate: float
    assumed: bool
    later: float

    @property
    def blocks(self) -> int:
        """Blocks to be trained."""
        return sum(program.blocks for program in self.programs)

    @property
    def seconds(self) -> float:
        """Estimate of the seconds that training takes one worker."""
        return sum(program.seconds for program in self.programs)


def plan(engine: Engine, first: Wanted, later: Iterable[Wanted] = ()) -> Plan:
    """Plan a run.

    Args:
        engine: What would do it.
        first: What the first look wants.
        later: What each later look wants, for every row.
    """
    missing = engine.missing(first)
    rate, assumed = _rate(engine, first)
    together: dict[VAEConfig, list[Block]] = {}
    for block in missing:
        together.setdefault(block.config.program(), []).append(block)
    programs = [_program(engine, config, blocks, rate) for config, blocks in together.items()]
    return Plan(
        programs=tuple(sorted(programs, key=lambda one: (-one.seconds, one.config.key))),
        values=sum(map(len, missing.values())),
        known=len(set(first) - set(missing)),
        rate=rate,
        assumed=assumed,
        later=sum(_flop(b) for wanted in later for b in engine.missing(wanted) if engine.store.status(b) is None),
    )


def _program(engine: Engine, config: VAEConfig, blocks: Sequence[Block], rate: float) -> Program:
    untrained = [block for block in blocks if engine.store.status(block) is None]
    data = load(config.data, images=config.images, folder=engine.setting.data)
    work = sum(map(_flop, untrained))
    return Program(
        config=config,
        blocks=len(untrained),
        measured=len(blocks) - len(untrained),
        flop=work,
        memory=memory(config, len(data.train_x), len(data.heldout_x)),
        seconds=work / rate,
    )


def _flop(block: Block) -> float:
    config = block.config
    return flop(config, len(load(config.data, images=config.images, folder=block.setting.data).train_x))


def _rate(engine: Engine, wanted: Mapping[Block, object]) -> tuple[float, bool]:
    """FLOP per second, at most, of the blocks that the run recalls: one that converged early counts as fast."""
    pairs = [(_flop(b), s.seconds) for b in wanted if (s := engine.store.status(b)) is not None and s.seconds > 0]
    taken = sum(seconds for _, seconds in pairs)
    return (sum(work for work, _ in pairs) / taken, False) if taken else (ASSUMED, True)


__all__ = ("BLOCK", "Plan", "Program", "plan")
