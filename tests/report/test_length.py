"""The table of what the length of training does says what was recorded, and what doubling moves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from study.cli.length import DIMENSIONS, MEASURES, TIMES, WEIGHTS
from study.cli.length import SCHEMA as WRITTEN
from study.errors import EvidenceError
from study.report import length, page


@pytest.fixture
def recorded(tmp_path: Path) -> dict[str, Any]:
    """A study as the command records it: a median is weight × D × length, an upper end one more."""

    def ends(name: str, value: float) -> list[float]:
        return [value, value + (name == "marginal_kl")]

    cells = [
        {
            "kl_weight": weight, "latent_dim": latents, "times": times, "epochs": round(600 * times), "diverged": 0,
            **{name: {"median": ends(name, weight * latents * times), "sd": [0.0, 0.0]} for name in MEASURES},
        }
        for weight in WEIGHTS for latents in DIMENSIONS for times in TIMES
    ]  # fmt: skip
    about = {"data": "digits", "scale": "quick", "backend": "jax", "seed_root": "length-1", "replicas": 8}
    return {"schema": WRITTEN, **about, "cells": cells}


def _write(folder: Path, content: object) -> Path:
    (folder / length.FILE).write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_nothing_recorded_is_nothing_said(tmp_path: Path) -> None:
    assert length.section(tmp_path) is None


def test_every_cell_is_a_line_and_doubling_is_from_the_recipe_on(tmp_path: Path, recorded: dict[str, Any]) -> None:
    found = length.section(_write(tmp_path, recorded))
    assert found is not None
    assert len(found.lines) == len(recorded["cells"])
    assert found.lines[0] == ("0.5, 2", "300 (× 0.5)", "0.500", "0.500 … 1.50", *5 * ("0.500",))
    assert {len(line) for line in found.lines} == {len(found.headings)}
    # From 1 × to 2 × at weight 1 and 8 latents, not from 2 × to 4 ×.
    assert found.doubling.startswith("Doubling the recipe moves the medians: rate by at most 8.00 nats, marginal KL by")
    # Medians are equal for all measures: at 2 and 8 latents doubling adds weight × D to each.
    assert found.farther.startswith(
        "These move by half their threshold or more, so what is said of them holds for this"
    )
    assert "5th percentile of KL with 2 latents at KL weight 0.5, by 1.00 nats (limit 0.250)" in found.farther
    page.write(tmp_path)
    text = (tmp_path / "training.md").read_text(encoding="utf-8")
    assert "# Length of training" in text
    assert "| 1, 8 | 600 (× 1) | 8.00 | 8.00 … 9.00 | 8.00 | 8.00 | 8.00 | 8.00 | 8.00 |" in text


def test_what_stays_within_half_a_threshold_is_not_listed(tmp_path: Path, recorded: dict[str, Any]) -> None:
    for cell in recorded["cells"]:
        for name in MEASURES:
            cell[name]["median"] = [0.009 * cell["times"]] * 2
    found = length.section(_write(tmp_path, recorded))
    assert found is not None
    assert found.farther == "No median that a headline row is about moves by half its threshold."


@pytest.mark.parametrize("damage", [{"schema": 99}, {"schema": 1}, [], {"schema": 1, "cells": [{}]}])
def test_a_damaged_record_is_named(tmp_path: Path, damage: object) -> None:
    with pytest.raises(EvidenceError, match=r"length\.json"):
        length.section(_write(tmp_path, damage))
