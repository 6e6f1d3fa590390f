"""The plan of a run: which blocks it would train and measure, what that takes, and what later looks may add."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import humanize

from study.data.loading import load
from study.lab.artefacts import Block
from study.lab.run import Engine, Wanted
from study.vae.config import BLOCK, VAEConfig
from study.vae.training.cost import flop, memory

ASSUMED = 2.5e10
"""FLOP per second of a worker where nothing was trained yet: as a core does the quick scale."""


@dataclass(frozen=True)
class Program:
    """The blocks of a plan that share one compiled program.

    Attributes:
        config: The program.
        blocks: Blocks to be trained.
        measured: Blocks that are trained already, and only measured.
        flop: Floating-point operations of training all of them.
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
        later: FLOP of all later looks together, were every row to need them.
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

    def table(self) -> tuple[Sequence[str], list[Sequence[str]]]:
        """Return headings and rows, program by program."""
        headings = ("program", "blocks", "VAEs", "parameters", "FLOP", "memory, each", "time, one worker")
        rows = [
            (
                _name(one.config),
                f"{one.blocks:,}",
                f"{BLOCK * one.blocks:,}",
                f"{one.config.parameter_count:,}",
                f"{one.flop:.2g}",
                humanize.naturalsize(one.memory, binary=True),
                _duration(one.seconds),
            )
            for one in self.programs
            if one.blocks
        ]
        return headings, list(rows)

    def notes(self) -> list[str]:
        """Return what the table does not say, a line each."""
        measured = sum(one.measured for one in self.programs)
        which = "assumed, as no block has been trained here" if self.assumed else "that of the blocks trained before"
        return [
            f"together {self.blocks:,} blocks, {BLOCK * self.blocks:,} VAEs, {sum(p.flop for p in self.programs):.2g} "
            f"FLOP, {_duration(self.seconds)} on one worker; {self.values:,} values to measure",
            f"in the cache: {self.known:,} blocks whole, {measured:,} trained and only to be measured",
            f"later looks, if every row needed them: {self.later:.2g} FLOP more, "
            f"{_duration(self.later / self.rate)} on one worker; searches ask as they go, and are not counted",
            "FLOP: 6 · parameters · images seen. A VAE that holds the decoder of another has that one trained, too. "
            f"Time: at {self.rate:.2g} FLOP a second, {which}. Memory: of the arrays of one block.",
        ]


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
    """FLOP per second of the blocks that the run recalls."""
    pairs = [(_flop(b), s.seconds) for b in wanted if (s := engine.store.status(b)) is not None and s.seconds > 0]
    taken = sum(seconds for _, seconds in pairs)
    return (sum(work for work, _ in pairs) / taken, False) if taken else (ASSUMED, True)


def _name(config: VAEConfig) -> str:
    """Name a program by what tells it from others."""
    images = "" if config.images is None else f" ({config.images:,})"
    networks = f"encoder {config.encoder_depth} × {config.encoder_width}, "
    networks += f"decoder {config.decoder_depth} × {config.decoder_width}"
    usual = {"likelihood": "bernoulli", "network": "dense", "prior": "normal"}
    special = "".join(f", {getattr(config, door)}" for door, name in usual.items() if getattr(config, door) != name)
    return f"{config.data}{images}, D = {config.latent_dim}, {networks}, {config.activation}, {config.pixels}{special}"


def _duration(seconds: float) -> str:
    return humanize.precisedelta(timedelta(seconds=round(seconds)), minimum_unit="seconds", format="%d")
