"""The page's section on speed: there when benchmarks are, and complete."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from study.report import benchmarks, page, speed

Make = Callable[..., list[dict[str, Any]]]
Write = Callable[..., Path]


@pytest.fixture(scope="module")
def timed(
    tmp_path_factory: pytest.TempPathFactory, results: Path, planted_benchmarks: Make, write_benchmarks: Write
) -> Path:
    """Evidence, with the benchmarks of two backends beside it."""
    copy = shutil.copytree(results, tmp_path_factory.mktemp("timed") / "results")
    write_benchmarks(copy, "jax", planted_benchmarks())
    write_benchmarks(copy, "torch", planted_benchmarks("torch", skipped={"pythae": "no wheel"}))
    return copy


@pytest.fixture(scope="module")
def files(timed: Path) -> list[Path]:
    """What the report wrote: the page first."""
    return page.write(timed)


def test_the_page_shows_speed_only_where_it_was_measured(written: list[Path], files: list[Path]) -> None:
    before, after = (paths[0].read_text(encoding="utf-8") for paths in (written, files))
    assert "## Speed" not in before
    assert after.startswith(before)
    assert files[-1].name == "speed.png"
    assert "(figures/speed.png)" in after


def test_the_section_says_what_was_measured_met_and_missed(files: list[Path]) -> None:
    text = files[0].read_text(encoding="utf-8").partition("## Speed")[2]
    for expected in (
        "not measured.",
        "| training, mnist, 8 replicas | jax | 2 | 13.5 models an hour | the floor: 27.1 models an hour | 50 % "
        "| ≥ 85 % | ✘ no | products of these shapes reach 50 % of sgemm when run alone; the time goes to matrix",
        "| claims, cold cache | fastest (jax) | 1 × 2 programs | 6.67 min | – | – | ≤ 8 min | ✔ yes |  |",
        "| mnist | one program | 8 | 2 | jax | 13.5 | 3.4 | – | 27.1 | 50 % |",
        "| mnist | jax | 1,000.0 ms | 10 % | 40 % | 10 % | 30 % | 10 % | 50 % | `addmm` 30 % |",
        "- Mixture density, jax: comparisons 50 %",
        "training at mnist size, 8 replicas against pythae (goal ≥ 2.5 ×): no wheel: torch.",
        "on a GPU (goal ≥ 50 %): not run: jax, tensorflow and torch.",
        "Every timing waits for the device. jax: jax waits.",
        "needs only 80 % (digits) and 80 % (mnist) of that FLOP",
        "Recorded on 2026-11-22, torch, Planted 3000, 2 cores: ceiling, claims, cluster, growth, import, ",
    ):
        assert expected in text, expected


def test_tables_have_equal_columns(files: list[Path]) -> None:
    text = files[0].read_text(encoding="utf-8").partition("## Speed")[2]
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({line.replace("\\|", "").count("|") for line in block.splitlines()}) == 1
    assert "\n\n\n" not in text
    assert not [line for line in text.splitlines() if line != line.rstrip()]


def test_the_terminals_table_has_every_row(timed: Path) -> None:
    rows = benchmarks.load(timed)
    headings, lines = speed.table(rows)
    assert len(lines) == len(rows)
    assert {len(line) for line in lines} == {len(headings)}


def test_nothing_recorded_is_no_section(tmp_path: Path) -> None:
    assert speed.section(tmp_path) == (None, [])


@pytest.mark.parametrize(
    ("number", "unit", "shown"),
    [
        (None, "s", "–"),
        (90.0, "s", "1.5 min"),
        (0.03, "s", "0.0300 s"),
        (1234.5, "MiB", "1,234 MiB"),
        (0.5, "x", "0.500 x"),
    ],
)
def test_values_have_units(number: float | None, unit: str, shown: str) -> None:
    assert speed.value(number, unit) == shown
