"""What the length of training does, in a table: from what ``python -m study.cli.length`` recorded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from study.errors import EvidenceError
from study.report.text import number

FILE, SCHEMA = "length.json", 1
COLUMNS = {
    "rate": ("Rate", " nats"),
    "marginal_kl": ("Marginal KL (lower … upper end)", " nats"),
    "empirical_marginal_kl": ("Marginal KL of q_n", " nats"),
    "kl_percentile": ("5th percentile of KL", " nats"),
    "likelihood_ratio_accuracy": ("Likelihood-ratio accuracy", ""),
    "coverage_ratio": ("Coverage ratio", ""),
    "nats_gain": ("Gain of a Gaussian mixture", " nats"),
}
"""Measure → heading, and unit."""
RECIPE, TWICE = 1.0, 2.0
LIMITS = {
    "kl_percentile": dict.fromkeys((2, 8), 0.25),
    "likelihood_ratio_accuracy": dict.fromkeys((2, 8), 0.025),
    "nats_gain": {2: 0.01, 8: 0.025},
}
"""Measure → latents → half the threshold of the headline rows that are about it as it stands."""
Cell = Mapping[str, Any]


@dataclass(frozen=True)
class Section:
    """What the page says of the length of training.

    Attributes:
        data: Data set.
        about: What was trained, e.g. ``digits, quick, jax, seed root length-1``.
        replicas: Replicas that the medians are over.
        headings: Of the table.
        lines: Its lines.
        doubling: What doubling the recipe's length moves, in a sentence.
        farther: What it moves by half a threshold or more, in sentences.
    """

    data: str
    about: str
    replicas: int
    headings: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    doubling: str
    farther: str


def section(results: Path) -> Section | None:
    """Read what is recorded; None where nothing is.

    Raises:
        EvidenceError: The record is damaged, or of another schema version.
    """
    path = results / FILE
    if not path.exists():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["schema"] != SCHEMA:
            raise EvidenceError(f"{path}: expected schema {SCHEMA}, received {found['schema']!r}.")
        return Section(
            data=str(found["data"]),
            about=f"{found['data']}, {found['scale']}, {found['backend']}, seed root {found['seed_root']}",
            replicas=found["replicas"],
            headings=("KL weight, latents", "Epochs", *(heading for heading, _ in COLUMNS.values())),
            lines=tuple(_line(cell) for cell in found["cells"]),
            doubling=_doubling(found["cells"]),
            farther=_farther(found["cells"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EvidenceError(f"{path}: expected the study of length, received an error: {error!r}.") from error


def _line(cell: Cell) -> tuple[str, ...]:
    epochs = f"{cell['epochs']} (× {cell['times']:g})"
    return f"{cell['kl_weight']:g}, {cell['latent_dim']}", epochs, *(_median(cell[name]) for name in COLUMNS)


def _median(values: Cell) -> str:
    return " … ".join(dict.fromkeys(number(end) for end in values["median"]))


def _doubling(cells: list[Cell]) -> str:
    """Say by how much, at most, the median of each measure moves from the recipe's length to twice that."""
    medians = {(cell["kl_weight"], cell["latent_dim"], cell["times"]): cell for cell in cells}
    moved = []
    for name, (heading, unit) in COLUMNS.items():
        pairs = [
            (_middle(cell[name]), _middle(medians[weight, latents, TWICE][name]))
            for (weight, latents, times), cell in medians.items()
            if times == RECIPE
        ]
        most = max((abs(after - before) for before, after in pairs), default=0.0)
        said = heading.partition(" (")[0]
        moved.append(f"{said[0].lower()}{said[1:]} by at most {number(most)}{unit}")
    return f"Doubling the recipe moves the medians: {', '.join(moved)}."


def _farther(cells: list[Cell]) -> str:
    """Say which medians doubling moves by half their threshold or more."""
    medians = {(cell["kl_weight"], cell["latent_dim"], cell["times"]): cell for cell in cells}
    found = []
    for name, limits in LIMITS.items():
        heading, unit = COLUMNS[name]
        for (weight, latents, times), cell in medians.items():
            if times != RECIPE or latents not in limits:
                continue
            moved = _middle(medians[weight, latents, TWICE][name]) - _middle(cell[name])
            if abs(moved) >= limits[latents]:
                about = f"{heading[0].lower()}{heading[1:]} with {latents} latents at KL weight {weight:g}"
                found.append(f"{about}, by {number(moved)}{unit} (limit {number(limits[latents])})")
    if not found:
        return "No median that a headline row is about moves by half its threshold."
    farther = "; ".join(found)
    return f"These move by half their threshold or more, so what is said of them holds for this length: {farther}."


def _middle(values: Cell) -> float:
    low, high = values["median"]
    return (float(low) + float(high)) / 2
