"""The figure of the benchmarks: drawn from whatever there is, the same bytes every time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from study.report import speed, speed_figure


@pytest.mark.parametrize("kinds", [{"training"}, {"growth"}, {"training", "mixture", "growth"}])
def test_every_part_is_drawn_without_the_others(
    tmp_path: Path, planted_benchmarks: Callable[..., Any], write_benchmarks: Callable[..., Path], kinds: set[str]
) -> None:
    for backend in ("jax", "tensorflow", "torch"):
        chosen = [one for one in planted_benchmarks(backend) if one["extra_info"]["kind"] in kinds]
        write_benchmarks(tmp_path, backend, chosen)
    table, growth = speed.read(tmp_path)
    path = speed_figure.draw(table, growth, tmp_path / "figure.png")
    assert path is not None
    first = path.read_bytes()
    assert first.startswith(b"\x89PNG")
    assert len(first) < 400_000
    if kinds == {"growth"}:
        speed_figure.draw(table, growth, path)
        assert path.read_bytes() == first


def test_nothing_to_draw_draws_nothing(tmp_path: Path) -> None:
    assert speed_figure.draw([], [], tmp_path / "figure.png") is None
    assert not list(tmp_path.iterdir())
