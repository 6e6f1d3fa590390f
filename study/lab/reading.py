"""What is looked at, and its numbers: read from the store, or measured here where a subject is a live object."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from study.errors import InvalidValue
from study.lab.artefacts import Block, Setting
from study.lab.lab import Live, Own
from study.lab.measuring import live
from study.lab.store import Store
from study.lab.values import Observed, Trial
from study.measures.registry import Measure
from study.measures.tools.bracket import Bracket
from study.vae.config import BLOCK
from study.verdicts.looks import FRESH

FRESH_BLOCK = 1_000
"""Counterexamples are confirmed on blocks from this one on, which no look uses."""


@dataclass(frozen=True)
class Look:
    """How many replicas are looked at.

    Attributes:
        replicas: In each context.
        fresh_for: Contexts that are looked at on fresh seeds instead, a number of their own; none for an ordinary look.
    """

    replicas: int = BLOCK
    fresh_for: frozenset[str] = frozenset()

    @property
    def count(self) -> int:
        """Replicas of a context that is looked at."""
        return FRESH if self.fresh_for else self.replicas

    def blocks(self, trial: Own, setting: Setting) -> list[Block]:
        """Return the blocks that hold the replicas of a trial."""
        first = FRESH_BLOCK if self.fresh_for else 0
        number = -(-self.count // BLOCK)
        return [Block(trial.config, first + index, setting, trial.changes) for index in range(number)]


@dataclass
class Reader:
    """Reads what is in the store; live subjects are measured here, in this process.

    Attributes:
        store: The artefact store.
        setting: Where and how VAEs are trained.
        devices: What the VAEs that were read had been trained on.
    """

    store: Store
    setting: Setting
    devices: set[str] = field(default_factory=set)
    _live: dict[Live, Callable[[Measure], Bracket]] = field(default_factory=dict)

    def at(self, look: Look) -> Callable[[Trial, Measure], Observed]:
        """Return what reads the leaves of an expression at a look."""
        return lambda trial, measure: self.read(look, trial, measure)

    def read(self, look: Look, trial: Trial, measure: Measure) -> Observed:
        """Return the numbers of a measure, ``(replica,)``."""
        if isinstance(trial, Live):
            if trial not in self._live:
                self._live[trial] = live(trial.subject, self.setting.seed_root, self.setting.data)
            bracket = self._live[trial](measure)
            ones = np.ones(len(bracket.low), bool)
            return Observed(np.arange(len(ones)), bracket.low, bracket.high, ones, ones)
        if not isinstance(trial, Own):
            raise InvalidValue("trial", trial, "a VAE of the study, or a live subject")
        values, converged, indices = [], [], []
        for block in look.blocks(trial, self.setting):
            found, status = self.store.values(block, measure), self.store.status(block)
            if found is None or status is None:
                raise FileNotFoundError(f"{self.store.folder(block)}: vanished while it was being read")
            values.append(found)
            converged.append(status.converged)
            indices.append(np.array(block.replicas))
            self.devices.add(status.device)
        kept = slice(look.count)
        low, high = (np.concatenate([getattr(v, end) for v in values])[kept] for end in ("low", "high"))
        return Observed(
            np.concatenate(indices)[kept], low, high, np.concatenate(converged)[kept], np.ones(len(low), bool)
        )
