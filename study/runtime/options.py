"""What a run was asked for."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from study.errors import InvalidValue
from study.seeds import ROOT

RECORDED, LOCAL = "results", "results/local"
"""Folders of evidence that is recorded, and of that of local runs."""
REPLICAS = 10_000
"""Greatest number of replicas of each VAE."""
STARTED, SIBLINGS = "PYTEST_XDIST_WORKER_COUNT", 100_000
"""Where pytest-xdist says how many processes it has started, and how many these may be."""


def is_count(text: str, least: int, most: int) -> bool:
    """Say whether a text is a number in these bounds; one of too many digits is never read."""
    return text.isdecimal() and len(text) <= len(str(most)) and least <= int(text) <= most


def siblings() -> int:
    """Return how many processes pytest-xdist has started; 1 without it.

    Raises:
        InvalidValue: The environment says no such number.
    """
    count = os.environ.get(STARTED, "1")
    if not is_count(count, 1, SIBLINGS):
        raise InvalidValue(STARTED, count, f"an integer from 1 to {SIBLINGS:,}")
    return int(count)


@dataclass(frozen=True)
class Options:
    """What a run was asked for.

    Attributes:
        scale: ``quick``, ``standard`` or ``full``.
        results: Folder that evidence is written to.
        cache: Folder that trained VAEs are kept in.
        workers: Processes, or whose: see :func:`study.lab.cluster.checked`; None for a process a core.
        replicas: Replicas of each VAE, in one look; None for the looks of the scale.
        seed_root: Seed root of the trials.
        precision: Precision of matrix products on a GPU.
        record: Whether evidence is recorded: of registered, committed claims, with the looks of the scale.
        scratch: Whether the folder is the one of local runs, where nothing binds.
        strict: Whether an INCONCLUSIVE verdict is a failure.
        plan: Whether it only plans.
        siblings: Processes that share this machine's cores with this one, itself included.
        repeat: The options that repeat it, as they are typed.
        command: The whole command, as it was typed; "" where there is none.
        recorded: Folder of the recorded evidence, which another run is compared with; None for no comparison.
    """

    scale: str
    results: Path
    cache: Path
    workers: str | None = None
    replicas: int | None = None
    seed_root: str = ROOT
    precision: str = "float32"
    record: bool = False
    scratch: bool = False
    strict: bool = False
    plan: bool = False
    siblings: int = 1
    repeat: str = ""
    command: str = ""
    recorded: Path | None = None

    def named(self, folder: Path) -> Path:
        """Return a folder as a command at the place of invocation names it."""
        here = self.recorded.parent if self.recorded else Path()
        return folder.relative_to(here) if folder.is_relative_to(here) else folder

    @classmethod
    def read(
        cls, asked: Mapping[str, str | bool | None], here: Path, siblings: int = 1, typed: Sequence[str] = ()
    ) -> Options:
        """Read options as they were typed, folders from the place of invocation.

        Args:
            asked: The study's options, by name.
            here: Place of invocation.
            siblings: Processes that share this machine's cores with this one, itself included.
            typed: All that pytest was called with.

        Raises:
            InvalidValue: A number that is none.
        """
        text = {name: value for name, value in asked.items() if isinstance(value, str)}
        replicas = text.get("replicas")
        if replicas is not None and not is_count(replicas, 2, REPLICAS):
            raise InvalidValue("--study-replicas", replicas, f"an integer from 2 to {REPLICAS:,}")
        record = bool(asked.get("record"))
        folder = text.get("results") or (RECORDED if record else LOCAL)
        told = ("scale", "results", "replicas", "precision", "seed_root")
        repeat = [
            f"--study-{name.replace('_', '-')} {shlex.quote(text[name])}"
            for name in told
            if name in text and (name, text[name]) != ("precision", "float32")
        ]
        return cls(
            scale=text["scale"],
            results=here / folder,
            cache=here / text["cache"],
            workers=text.get("workers"),
            replicas=None if replicas is None else int(replicas),
            seed_root=text.get("seed_root") or ROOT,
            precision=text["precision"],
            record=record,
            scratch=not record and folder == LOCAL,
            strict=bool(asked.get("strict")),
            plan=bool(asked.get("plan")),
            siblings=siblings,
            repeat=" ".join(repeat),
            command=shlex.join(["pytest", *typed]),
            recorded=here / RECORDED,
        )
