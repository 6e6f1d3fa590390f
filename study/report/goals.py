"""How fast the study means to be: one table of goals, fixed before the measurements that they are held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from study.report import text

if TYPE_CHECKING:
    from study.report.benchmarks import Row

FLOOR = "the floor"
"""The peer of a row that is held against the machine itself (:mod:`study.report.floor`)."""
KERAS, PYTHAE, SKLEARN = "Keras fit", "pythae", "scikit-learn"
CPU, GPU = "CPU", "GPU"
ALL = ("jax", "tensorflow", "torch")
FASTEST = "fastest"
"""Stands for the backend that took the least time."""

TRAINING = "training"
SIDE_BY_SIDE = "training, a block a core"
MIXTURE = "mixture density"
ERROR = "mixture density, error"
MIXTURE_MEMORY = "mixture density, peak memory"
CLAIMS = {"cold": "claims, cold cache", "warm": "claims, warm cache"}
TOX = "the whole of tox, cold"
IMPORT = "import study, whole process"
OVERHEAD = "Dask, overhead of a trial"
CLUSTER = "Dask, a round of blocks on two workers"
ONE_WORKER = "one worker"
GROWTH_OF_MEMORY = "peak memory, last block against the first"


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One goal.

    Attributes:
        what: What is measured, as rows call it.
        limit: The number to reach: of ``ratio`` where there is a peer, else of the value itself.
        sign: ``≥`` or ``≤``.
        unit: Of the limit; empty for a ratio.
        size: ``digits``, ``mnist``, or empty where any will do.
        replicas: Replicas of the rows that it is for; None for any.
        peer: What ours is compared with; empty for the value itself.
        backends: For which backends it holds.
        place: ``CPU`` or ``GPU``.
    """

    what: str
    limit: float
    sign: str = "≥"
    unit: str = ""
    size: str = ""
    replicas: int | None = None
    peer: str = ""
    backends: tuple[str, ...] = ALL
    place: str = CPU

    @property
    def text(self) -> str:
        """The goal as readers see it, e.g. ``≥ 2.5 ×`` or ``≤ 20 s``."""
        if self.peer == FLOOR:
            return f"{self.sign} {100 * self.limit:g} %"
        if self.unit == "s" and self.limit >= 1:
            return f"{self.sign} {text.duration(self.limit)}"
        return f"{self.sign} {self.limit:g} {self.unit or '×'}"

    def is_for(self, row: Row) -> bool:
        """Say whether this is the goal of a row; on which kind of machine it ran is another question."""
        return (
            self.what == row.what
            and self.peer == row.peer_name
            and row.backend in self.backends
            and self.size in ("", row.size)
            and self.replicas in (None, row.replicas)
        )

    def met(self, value: float) -> bool:
        """Say whether a value reaches the limit."""
        return value >= self.limit if self.sign == "≥" else value <= self.limit


def _training(what: str) -> tuple[Goal, ...]:
    """What holds for blocks of eight, in one program on all the cores and side by side alike."""
    return (
        Goal(what=what, size="mnist", replicas=8, peer=FLOOR, limit=0.85),
        Goal(what=what, size="mnist", replicas=8, peer=KERAS, limit=2.5),
        Goal(what=what, size="digits", replicas=8, peer=KERAS, limit=6.0, backends=("tensorflow", "torch")),
        Goal(what=what, size="digits", replicas=8, peer=KERAS, limit=2.0, backends=("jax",)),
    )


GOALS: tuple[Goal, ...] = (
    *_training(TRAINING),
    # pythae is a torch library, and installed beside torch only.
    Goal(what=TRAINING, size="mnist", replicas=8, peer=PYTHAE, limit=2.5, backends=("torch",)),
    *_training(SIDE_BY_SIDE),
    Goal(what=MIXTURE, peer=SKLEARN, limit=40.0),
    Goal(what=ERROR, sign="≤", limit=1e-4, unit="nats"),
    Goal(what=MIXTURE_MEMORY, sign="≤", limit=1024.0, unit="MiB"),
    Goal(what=CLAIMS["cold"], sign="≤", limit=480.0, unit="s", backends=(FASTEST,)),
    Goal(what=CLAIMS["cold"], sign="≤", limit=900.0, unit="s"),
    Goal(what=CLAIMS["warm"], sign="≤", limit=20.0, unit="s"),
    Goal(what=TOX, sign="≤", limit=3000.0, unit="s", backends=("all",)),
    Goal(what=IMPORT, sign="≤", limit=0.3, unit="s"),
    Goal(what=GROWTH_OF_MEMORY, sign="≤", limit=1.1, unit="×"),
    Goal(what=OVERHEAD, sign="≤", limit=5.0, unit="%"),
    Goal(what=TRAINING, size="mnist", replicas=64, peer=FLOOR, limit=0.5, place=GPU),
    Goal(what=TRAINING, size="mnist", replicas=64, peer=KERAS, limit=50.0, place=GPU),
)
"""Every goal, in the order of the report."""


def place(device: str) -> str:
    """Return ``CPU`` or ``GPU`` for the name of a device; nothing for one that is not known."""
    if device.startswith("unknown"):
        return ""
    return CPU if "cpu" in device.lower() else GPU


def who(backend: str, device: str, precision: str = "float32") -> str:
    """Name what trained: the backend, and the GPU if it was one, e.g. ``jax, NVIDIA H200``."""
    parts = [backend] if place(device) == CPU else [backend, device]
    return ", ".join([*parts, precision] if precision == "tf32" else parts)
