"""How often the rule errs, and how often it decides: simulated studies of known truth, judged as real ones are.

Each population is a map of standard normal seeds that leaves half of them at or above 0, the threshold, on average over
its contexts; a distance moves the seeds by so many of their standard deviations. The rule itself assumes no
distribution: this is its check.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from study.errors import InvalidValue
from study.seeds import generator
from study.verdicts.counting import Array
from study.verdicts.looks import BUDGET, LOOKS, row_alpha
from study.verdicts.word import CONTRADICTION, sides

ROOT = "calibration"
"""Seed root of the simulations: they are no evidence, and do not move with it."""
STUDIES = 20_000
CONTEXTS = 3
SPREADS = np.array([0.25, 1.0, 4.0])[:, None]
WRONG, FAR = 0.1, -10.0
SHARES = np.array([0.3, 0.5, 0.7])[:, None]
EQUAL, UNEQUAL = "all values equal", "contexts of unequal shares"


def _wrong(seeds: Array) -> Array:
    """One seed in ten goes wrong, by ten standard deviations; of the others as many reach 0 as make up for it."""
    gone = np.mod(1e6 * seeds, 1) < WRONG  # by digits that say nothing of their size
    return np.where(gone, FAR, seeds + ndtri(0.5 / (1 - WRONG)))


POPULATIONS: dict[str, Callable[[Array], Array]] = {
    "normal": lambda seeds: seeds,
    "log-normal": np.expm1,
    "two-peaked": lambda seeds: seeds / 4 + 3 * np.where(seeds >= 0, 1, -1),
    "contexts of unequal spread": lambda seeds: seeds * SPREADS,
    UNEQUAL: lambda seeds: seeds + ndtri(SHARES),
    "one seed in ten at −10 sd": _wrong,
    EQUAL: lambda seeds: np.broadcast_to(-1e-9 * (np.arange(len(seeds)) % 2)[:, None, None], seeds.shape),
}
"""Name → map of seeds ``(study, context, replica)`` to the numbers of a study."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What came of the studies of one population.

    Attributes:
        population: Its name, a key of :data:`POPULATIONS`.
        looks: Replicas at each look.
        declared: Rows among which the level is shared.
        distance: Distance from the threshold, in standard deviations of the seeds.
        supported: Share of studies that are SUPPORTED.
        refuted: Share that are REFUTED.
        mixed: Share that are MIXED, though no context contradicts another (but for those of unequal shares, where some
            do).
        wrong: Share of SUPPORTED or REFUTED that is wrong: the larger one where half of the seeds reach the threshold.
    """

    population: str
    looks: tuple[int, ...]
    declared: int
    distance: float
    supported: float
    refuted: float
    mixed: float
    wrong: float


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Simulated studies.

    Attributes:
        studies: Studies in each cell.
        contexts: Contexts of each study.
        alpha: One-sided level that their looks and rows share.
        cells: What came of them.
    """

    studies: int
    contexts: int
    alpha: float
    cells: tuple[Cell, ...]

    @property
    def worst(self) -> float:
        """Largest share of wrong words in any cell whose one row has the whole level."""
        return max(cell.wrong for cell in self.cells if cell.declared == 1)

    @property
    def populations(self) -> int:
        """Number of populations."""
        return len({cell.population for cell in self.cells})


def calibrate(studies: int = STUDIES) -> Calibration:
    """Simulate studies of every population: at the threshold after one to three looks, and away from it.

    Args:
        studies: In each cell.

    Raises:
        InvalidValue: No study.
    """
    looks = LOOKS["full"]
    null = [(looks[:number], 1, 0.0) for number in range(1, len(looks) + 1)]
    # Power as the protocol states it: at one look with k = 5 and k = 4 of 24, and over three looks at 0.5 %.
    away = [(looks[:1], rows, distance) for rows in (6, 16) for distance in (1.0, 2.0)] + [(looks, 10, 0.5)]
    settings = {name: null + (away if name not in (EQUAL, UNEQUAL) else []) for name in POPULATIONS}
    cells = [simulate(name, *one, studies=studies) for name, asked in settings.items() for one in asked]
    return Calibration(studies=studies, contexts=CONTEXTS, alpha=BUDGET, cells=tuple(cells))


def simulate(
    population: str,
    looks: Sequence[int],
    declared: int = 1,
    distance: float = 0.0,
    *,
    studies: int = STUDIES,
    judge: Callable[[Array, float], NDArray[np.int64]] | None = None,
) -> Cell:
    """Simulate studies of one population, each looked at until it is decided.

    Args:
        population: A key of :data:`POPULATIONS`.
        looks: Replicas at each look.
        declared: Rows among which the level is shared.
        distance: Distance from the threshold, in standard deviations of the seeds.
        studies: How many.
        judge: Another rule, numbers ``(study, context, replica)`` and level → sides ``(study,)``; None for the rule.

    Raises:
        InvalidValue: An unknown population, or no study.
    """
    if population not in POPULATIONS:
        raise InvalidValue("population", population, "one of " + ", ".join(map(repr, POPULATIONS)))
    if studies < 1:
        raise InvalidValue("studies", studies, "an integer ≥ 1")
    rng = generator("calibration", population, str(tuple(looks)), str(distance), root=ROOT)
    seeds = rng.normal(distance, 1.0, (studies, CONTEXTS, max(looks)))
    numbers, level = POPULATIONS[population](seeds), row_alpha(BUDGET, declared, looks)
    found = np.zeros(studies, dtype=np.int64)
    for replicas in looks:
        found = np.where(found == 0, (judge or by_counting)(numbers[..., :replicas], level), found)
    supported, refuted, mixed = (float((found == one).mean()) for one in (1, -1, CONTRADICTION))
    if population == EQUAL:
        reaching = numbers[:, 0, 0] >= 0
        wrong = float(((found == 1) & ~reaching | (found == -1) & reaching).mean())
    else:
        wrong = refuted if distance > 0 else max(supported, refuted)
    return Cell(
        population=population,
        looks=tuple(looks),
        declared=declared,
        distance=distance,
        supported=supported,
        refuted=refuted,
        mixed=mixed,
        wrong=wrong,
    )


def by_counting(numbers: Array, level: float) -> NDArray[np.int64]:
    """Judge studies ``(study, context, replica)`` by the rule, against 0."""
    reach = (numbers >= 0).sum(-1)
    return sides(reach, numbers.shape[-1] - reach, (numbers.shape[-1],) * numbers.shape[1], level)
