"""How long blocks took, noted in the cache, from which a plan estimates how long others will take.

One file for each backend and program, one line for each block trained; a line that is damaged is left out.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from study.data.loading import load
from study.lab.cost import flop
from study.lab.work import Receipt
from study.vae.config import VAEConfig

RECENT = 16
"""Notes of a program that count, the newest: machines change."""
ASSUMED = 4e10
"""FLOP at most per second of a worker where nothing has been noted: as a 2.4 GHz core did the quick scale, blocks that
converge before all epochs allowed are over included."""


def note(cache: Path, backend: str, receipt: Receipt) -> None:
    """Note how long a block took to train and measure; what goes wrong spoils an estimate, and nothing else."""
    config = receipt.block.config
    images = len(load(config.data, images=config.images).train_x)
    line = json.dumps({"seconds": round(receipt.seconds, 4), "flop": flop(config, images)})
    with suppress(OSError):
        path = _path(cache, backend, config)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


@dataclass(frozen=True)
class Times:
    """What has been noted on one backend.

    Attributes:
        noted: Seconds, and FLOP at most, of the newest blocks of each program, by the name of its file.
    """

    noted: dict[str, list[tuple[float, float]]]

    @classmethod
    def read(cls, cache: Path, backend: str) -> Times:
        """Read the notes of a cache."""
        noted = {}
        for path in sorted((cache / "times" / backend).glob("*.jsonl")):
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            if pairs := [pair for line in lines[-RECENT:] if (pair := _pair(line)) is not None]:
                noted[path.stem] = pairs
        return cls(noted)

    def knows(self, config: VAEConfig) -> bool:
        """Say whether a block of the same program has been noted."""
        return _name(config) in self.noted

    def seconds(self, config: VAEConfig, work: float) -> float:
        """Estimate the seconds of a block: the mean of its program's, or else its FLOP at the rate of all others."""
        if pairs := self.noted.get(_name(config)):
            return sum(seconds for seconds, _ in pairs) / len(pairs)
        return work / self.rate

    @property
    def rate(self) -> float:
        """FLOP per second, at most, of all blocks noted: one that converges early counts as fast."""
        pairs = [pair for noted in self.noted.values() for pair in noted]
        taken = sum(seconds for seconds, _ in pairs)
        return sum(work for _, work in pairs) / taken if taken > 0 else ASSUMED


def _pair(line: str) -> tuple[float, float] | None:
    try:
        found = json.loads(line)
        return float(found["seconds"]), float(found["flop"])
    except (ValueError, KeyError, TypeError):
        return None


def _name(config: VAEConfig) -> str:
    return config.program().key[:16]


def _path(cache: Path, backend: str, config: VAEConfig) -> Path:
    return cache / "times" / backend / f"{_name(config)}.jsonl"
