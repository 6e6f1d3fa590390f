"""The plan: which blocks a run's next look would train, what that takes, and the file that says so."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from study.data.loading import load
from study.errors import EvidenceError, InvalidValue
from study.lab.cache import Block
from study.lab.cost import flop, memory
from study.lab.times import ASSUMED, Times
from study.lab.work import Bench
from study.runtime.files import publish
from study.vae.config import BLOCK, VAEConfig

SCHEMA = 2
FILE = "plan.json"
"""Name of the plan's file, in the cache."""


class Planned(BaseException):
    """Raised where a lab that only plans would train: the blocks, and the panel they are wanted for.

    No ``Exception``, which Hypothesis would take for a failing example, and shrink.
    """

    def __init__(self, blocks: list[Block], panel: str) -> None:
        """Keep what would be trained."""
        super().__init__(f"{len(blocks)} blocks would be trained")
        self.blocks = blocks
        self.panel = panel


@dataclass(frozen=True)
class Task:
    """One block to be trained and measured.

    Attributes:
        key: Its content address.
        block: The block.
        panels: What is to be measured.
        claims: Who asks for it.
        flop: Floating-point operations of its training, at most.
        memory: Estimate of the bytes that its arrays take.
        seconds: Estimate of the seconds that its training takes one worker.
        trained: Whether it is in the cache already, and is only measured: without FLOP or seconds.
    """

    key: str
    block: Block
    panels: tuple[str, ...]
    claims: tuple[str, ...]
    flop: float
    memory: int
    seconds: float = 0.0
    trained: bool = False

    @classmethod
    def of(cls, bench: Bench, block: Block, panel: str, claim: str) -> Task:
        """Describe a block that is missing."""
        config = block.config
        data = load(config.data, images=config.images)
        train, heldout = len(data.train_x), len(data.heldout_x)
        trained = bench.status(block) is not None
        return cls(
            key=bench.shelf(block).folder.name,
            block=block,
            panels=(panel,),
            claims=(claim,),
            flop=0.0 if trained else flop(config, train),
            memory=memory(config, train, heldout, [panel]),
            trained=trained,
        )

    def merged(self, other: Task) -> Task:
        """Return the task that does what both ask of the same block."""
        return replace(
            self,
            panels=tuple(sorted({*self.panels, *other.panels})),
            claims=tuple(sorted({*self.claims, *other.claims})),
            memory=max(self.memory, other.memory),
        )

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"config": self.block.config.as_dict(), "index": self.block.index} | {
            name: value for name, value in asdict(self).items() if name != "block"
        }

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Task:
        """Rebuild a task."""
        rest = {name: fields[name] for name in ("key", "flop", "memory", "seconds", "trained")}
        block = Block(VAEConfig.from_dict(fields["config"]), int(fields["index"]))
        return cls(block=block, panels=tuple(fields["panels"]), claims=tuple(fields["claims"]), **rest)


@dataclass(frozen=True)
class Group:
    """The tasks of a plan that share one compiled program.

    Attributes:
        program: The program.
        blocks: Number of blocks to be trained.
        measured: Number of blocks that are trained already, and only measured.
        flop: Of all of them, at most.
        memory: Of one of them, bytes, estimated.
        seconds: Of all of them on one worker, estimated.
        known: Whether the estimate of time comes from blocks of this very program.
    """

    program: VAEConfig
    blocks: int
    measured: int
    flop: float
    memory: int
    seconds: float
    known: bool

    @property
    def vaes(self) -> int:
        """Number of VAEs to be trained."""
        return BLOCK * self.blocks


@dataclass(frozen=True)
class Plan:
    """What a run's next look would train, and how the plan was made, so that it can be made again.

    Attributes:
        backend: Keras backend.
        seed_root: Seed root of the trials.
        precision: Precision of their matrix products.
        folder: Folder that pytest was called in.
        arguments: What it was called with.
        undecided: Rows that wait for the tasks.
        decided: Rows that need no more: decided, or out of looks.
        rate: FLOP per second at which time was estimated where no block of the same program had been noted.
        assumed: Whether that rate is assumed, as no block of any program had been noted.
        noted: Programs of which blocks had been noted, by key.
        tasks: The blocks, the costliest program first.
    """

    backend: str
    seed_root: str
    folder: str
    arguments: tuple[str, ...]
    undecided: int
    decided: int
    precision: str = "float32"
    rate: float = ASSUMED
    assumed: bool = True
    noted: tuple[str, ...] = ()
    tasks: tuple[Task, ...] = ()

    def with_tasks(self, tasks: Iterable[Task], times: Times) -> Plan:
        """Return the plan of these tasks, those of one block merged, their times estimated."""
        merged: dict[str, Task] = {}
        for task in tasks:
            merged[task.key] = merged[task.key].merged(task) if task.key in merged else task
        timed = [
            replace(t, seconds=0.0 if t.trained else times.seconds(t.block.config, t.flop)) for t in merged.values()
        ]
        groups = _grouped(timed)
        order = sorted(groups, key=lambda program: (-sum(t.seconds for t in groups[program]), program.key))
        ordered = (t for p in order for t in sorted(groups[p], key=lambda t: (t.block.index, t.key)))
        noted = tuple(program.key for program in order if times.knows(program))
        return replace(self, rate=times.rate, assumed=not times.noted, noted=noted, tasks=tuple(ordered))

    @property
    def groups(self) -> list[Group]:
        """The tasks by program, in their order."""
        return [
            Group(
                program=program,
                blocks=sum(not task.trained for task in tasks),
                measured=sum(task.trained for task in tasks),
                flop=sum(task.flop for task in tasks),
                memory=max(task.memory for task in tasks),
                seconds=sum(task.seconds for task in tasks),
                known=program.key in self.noted,
            )
            for program, tasks in _grouped(self.tasks).items()
        ]

    def check(self, bench: Bench) -> None:
        """Refuse a plan whose blocks are others by now.

        Raises:
            InvalidValue: Code, data, versions or seeds have changed since the plan was made.
        """
        changed = [task for task in self.tasks if bench.shelf(task.block).folder.name != task.key]
        if changed:
            raise InvalidValue(
                "plan",
                f"{len(changed)} blocks that have another content address by now",
                "a plan made with the present code, data and versions: make it again",
            )

    def write(self, cache: Path) -> Path:
        """Publish the plan in a cache; return its path."""
        content = {"schema": SCHEMA} | {n: v for n, v in vars(self).items() if n != "tasks"}
        content["tasks"] = [task.as_json() for task in self.tasks]
        path = cache / FILE
        publish(path, json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
        return path

    @classmethod
    def read(cls, cache: Path) -> Plan:
        """Read the plan of a cache.

        Raises:
            InvalidValue: There is none.
            EvidenceError: It is damaged, or of another schema.
        """
        path = cache / FILE
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["schema"] != SCHEMA:
                raise EvidenceError(f"{path}: expected schema {SCHEMA}, received {content['schema']!r}.")
            texts = {name: str(content[name]) for name in ("backend", "seed_root", "folder", "precision")}
            return cls(
                **texts,
                arguments=tuple(map(str, content["arguments"])),
                undecided=int(content["undecided"]),
                decided=int(content["decided"]),
                rate=float(content["rate"]),
                assumed=bool(content["assumed"]),
                noted=tuple(map(str, content["noted"])),
                tasks=tuple(map(Task.from_json, content["tasks"])),
            )
        except FileNotFoundError as error:
            raise InvalidValue(
                "--cache", str(cache), f"a folder that holds {FILE}; `pytest claims/ --study-plan` writes it"
            ) from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            if isinstance(error, EvidenceError):
                raise
            raise EvidenceError(f"{path}: expected a plan, received {error!r}.") from error


def _grouped(tasks: Sequence[Task]) -> dict[VAEConfig, list[Task]]:
    groups: dict[VAEConfig, list[Task]] = {}
    for task in tasks:
        groups.setdefault(task.block.config.program(), []).append(task)
    return groups
