"""Recorded benchmarks as rows: the arithmetic by hand, the newest of each, and one clear error for a damaged file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from study.errors import EvidenceError, InvalidValue
from study.report import speed
from study.report.speed import HEADINGS, Row

Make = Callable[..., list[dict[str, Any]]]
Write = Callable[..., Path]
RECORDED = Path(__file__).parents[2] / "results"


def found(rows: list[Row], **wanted: object) -> list[Row]:
    """Rows with these fields."""
    return [row for row in rows if all(getattr(row, name) == value for name, value in wanted.items())]


@pytest.fixture
def rows(tmp_path: Path, planted_benchmarks: Make, write_benchmarks: Write) -> list[Row]:
    write_benchmarks(tmp_path, "jax", planted_benchmarks())
    return speed.load(tmp_path)


def test_a_training_is_steps_of_a_vae_a_second_against_peer_and_floor(rows: list[Row]) -> None:
    """22 steps of eight replicas in a second, at half the floor; Keras' one model takes 22 steps in half of it."""
    (one,) = found(rows, what="training", size="mnist", replicas=8)
    assert (one.ours, one.peer_name, one.peer, one.ratio) == (176.0, "Keras fit", 44.0, 4.0)
    assert one.share == pytest.approx(0.5)  # 4 GFLOP at the median of 10 GFLOP/s, 1 GB at 10 GB/s: 0.5 s
    (beside,) = found(rows, what="training, a block a core", size="mnist")
    assert (beside.ours, beside.threads) == (352.0, "1 × 2 programs")


@pytest.mark.parametrize(
    ("what", "ours", "unit"),
    [
        ("sgemm", 1e11, "FLOP/s"),
        ("copy", 1e10, "B/s"),
        ("mixture density, error", 2e-6, "nats"),
        ("mixture density, peak memory", 1100.0, "MiB"),
        ("all measures of a VAE", 1.2, "s"),
        ("all measures of a VAE, against its training", 1.5, "×"),
        ("peak memory, training", 510.0, "MiB"),
        ("peak memory, last block against the first", 1.02, "×"),
        ("claims, cold cache", 400.0, "s"),
        ("claims, warm cache", 25.0, "s"),
        ("headline claims, cold cache", 200.0, "s"),
        ("Dask, overhead of a trial", 1.0, "%"),
        ("planning", 3.0, "s"),
        ("planning, peak memory", 150.0, "MiB"),
        ("the whole of tox, cold", 2400.0, "s"),
        ("import study, whole process", 0.05, "s"),
        ("an empty process", 0.03, "s"),
    ],
)
def test_what_stands_alone(rows: list[Row], what: str, ours: float, unit: str) -> None:
    (one,) = found(rows, what=what)
    assert (one.ours, one.unit, one.peer, one.ratio) == (pytest.approx(ours), unit, None, None)


def test_how_many_vaes_the_claims_took_is_said(rows: list[Row]) -> None:
    sizes = {cache: found(rows, what=f"claims, {cache} cache")[0].size for cache in ("cold", "warm")}
    assert sizes == {"cold": "800 VAEs", "warm": ""}


def test_less_time_than_the_peer_is_a_ratio_above_one(rows: list[Row]) -> None:
    many, few = found(rows, what="mixture density")[::-1]
    assert (few.size, few.ours, few.peer, few.ratio) == ("60,000 × 1,000 × 10", 0.2, 6.0, pytest.approx(30.0))
    assert (many.ours, many.peer) == (2.0, None)  # what the fresh process says, not the 9 s with its start
    (two,) = found(rows, what="Dask, two workers")
    assert (two.ours, two.peer_name, two.ratio) == (8.0, "one worker", 15.0 / 8.0)


def test_of_a_benchmark_recorded_twice_the_newer_counts(tmp_path: Path, write_benchmarks: Write) -> None:
    """A GPU's record stands beside that of the processor, and TF32's beside float32's."""

    def tox(seconds: float, **info: str) -> dict[str, Any]:
        info = {"kind": "tox", "backend": "all"} | info
        return {"fullname": "tox", "extra_info": info, "stats": {"median": seconds}}

    write_benchmarks(tmp_path, "a", [tox(1.0), tox(2.0, device="H100"), tox(3.0, device="H100", precision="tf32")])
    older = write_benchmarks(tmp_path, "b", [tox(4.0)])
    older.write_text(older.read_text(encoding="utf-8").replace("2026-11-22", "2026-11-21"), encoding="utf-8")
    assert sorted(row.ours for row in speed.load(tmp_path)) == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    "damage",
    [
        {"stats": {"median": 0.0}},
        {"stats": {"median": "fast"}},
        {"extra_info": {"kind": "claims"}},
        {"extra_info": {"kind": "memory", "size": "mnist", "replicas": 8, "peaks_mib": []}},
        {"extra_info": {"kind": "cluster", "overhead": 0, "seconds": 0.0, "one_worker_seconds": 1}},
        {"extra_info": None},
    ],
)
def test_a_damaged_record_is_named(tmp_path: Path, write_benchmarks: Write, damage: dict[str, Any]) -> None:
    """A missing field, an impossible time, no content at all: the file is named, whatever is wrong with it."""
    good = {"extra_info": {"kind": "tox", "backend": "all"}, "stats": {"median": 1.0}}
    path = write_benchmarks(tmp_path, "tox", [good])
    assert len(speed.load(tmp_path)) == 1
    write_benchmarks(tmp_path, "tox", [good | damage])
    with pytest.raises(EvidenceError, match=re.escape(f"{path}: expected benchmarks")):
        speed.read(tmp_path)


def test_nothing_recorded_is_refused_where_it_was_asked_for(tmp_path: Path) -> None:
    assert speed.read(tmp_path) == ([], [])
    assert speed.section(tmp_path) is None
    with pytest.raises(InvalidValue, match="--results"):
        speed.load(tmp_path)


def test_what_the_project_recorded_can_be_read() -> None:
    """Every file of the repository, and every backend in it."""
    table, growth = speed.read(RECORDED)
    files = [json.loads(path.read_text(encoding="utf-8")) for path in (RECORDED / "benchmarks").glob("*.json")]
    assert {row.date for row in table} == {content["datetime"][:10] for content in files}
    for rows in (table, growth):
        assert {"jax", "tensorflow", "torch"} <= {row.backend for row in rows}
    assert all(0 < row.share < 1.1 for row in table if row.share is not None)


@pytest.mark.parametrize(
    ("number", "unit", "shown"),
    [
        (90.0, "s", "1 minute and 30 seconds"),
        (0.03, "s", "30.0 ms"),
        (1.26e11, "FLOP/s", "126 GFLOP/s"),
        (1536.0, "MiB", "1.5 GiB"),
        (1234.5, "steps/s", "1,234 steps/s"),
        (9.38e-10, "nats", "9.4e−10 nats"),
        (1.02, "×", "1.02 ×"),
    ],
)
def test_values_have_units(number: float, unit: str, shown: str) -> None:
    assert speed.value(number, unit) == shown


@pytest.mark.parametrize(
    ("device", "precision", "who"),
    [
        ("cpu", "float32", "jax"),
        ("TFRT_CPU_0", "", "jax"),
        ("NVIDIA H100", "float32", "jax, NVIDIA H100"),
        ("NVIDIA H100", "tf32", "jax, NVIDIA H100, tf32"),
    ],
)
def test_a_gpu_is_named(device: str, precision: str, who: str) -> None:
    row = Row(backend="jax", device=device, precision=precision, threads="", machine="", date="", commit="")
    assert row.who == who


def test_the_section_has_every_row_under_its_headings(
    tmp_path: Path, planted_benchmarks: Make, write_benchmarks: Write
) -> None:
    """Two backends; a line says when, by whom and on which machine each was measured."""
    for backend in ("jax", "torch"):
        write_benchmarks(tmp_path, backend, planted_benchmarks(backend))
    section = speed.section(tmp_path)
    assert section is not None
    assert len(section.lines) == len(speed.load(tmp_path))
    assert {len(cells) for cells in section.lines} == {len(section.headings)} == {len(HEADINGS)}
    assert ["training", "mnist, 8 replicas", "jax", "cpu", "2", "176 steps/s", "Keras fit: 44.0 steps/s", "4.00 ×"] in [
        list(cells[:8]) for cells in section.lines
    ]
    assert "Recorded on 2026-11-22, torch, Planted 3000, 2 cores" in section.recorded
