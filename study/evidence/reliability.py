"""The record of the faults that were put into runs, and of what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

FILE = "reliability.json"


@dataclass(frozen=True, kw_only=True)
class Faults:
    """What came of the faults of one class.

    Attributes:
        name: What they are, e.g. ``kill of the run at a random moment``.
        test: The test that puts them in; ``TEST[17] --reliability full`` repeats the one of seed 17.
        tried: How many were put in, of the seeds from 0 on.
        survived: After how many everything held.
        lost: After how many something was lost that had been reported as written, or was half-written.
        silent: After how many something was wrong, and nobody was told.
        failed: Those that were not survived, by test and seed.
        moments: How far the run had come → at how many faults; none where that means nothing.
    """

    name: str
    test: str
    tried: int
    survived: int
    lost: int
    silent: int
    failed: tuple[str, ...] = ()
    moments: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Reliability:
    """What came of all faults.

    Attributes:
        seed_root: Root of the seeds.
        finished: When they were over, in UTC.
        seconds: Seconds that they took.
        python: Version of Python.
        platform: The machine.
        processor: Model of the processor.
        backend: Backend that trained.
        versions: Versions of what the runs rest on, by distribution.
        commit: Commit of the study; None where it has none.
        dirty: Whether it had local changes; None where it has no commit.
        faults: The classes.
    """

    seed_root: str
    finished: str
    seconds: int
    python: str
    platform: str
    processor: str
    backend: str
    versions: Mapping[str, str | None]
    commit: str | None
    dirty: bool | None
    faults: tuple[Faults, ...]

    def total(self, count: str) -> int:
        """Add a count of all classes: ``tried``, ``survived``, ``lost`` or ``silent``."""
        return sum(getattr(one, count) for one in self.faults)
