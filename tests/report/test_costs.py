"""What 100,000 VAEs cost, from planted benchmarks: measured, multiplied, or from a data sheet, and said which."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from study.errors import EvidenceError
from study.report import benchmarks, costs, speed

Costs = Callable[..., list[costs.Cost]]


@pytest.fixture
def found(tmp_path: Path, write_benchmarks: Callable[..., Path], planted_benchmarks: Callable[..., Any]) -> Costs:
    def work_out(*more: dict[str, Any], **changes: Any) -> list[costs.Cost]:
        write_benchmarks(tmp_path, "jax", [*planted_benchmarks("jax", **changes), *more])
        return costs.costs(benchmarks.read(tmp_path))

    return work_out


def hours(found: list[costs.Cost], work: str, where: str, machines: int) -> float:
    (one,) = [c for c in found if c.work.startswith(work) and where in c.where and c.machines == machines]
    return one.hours


def test_machines_as_measured_divide_the_time_and_pay_the_scheduler(found: Costs) -> None:
    """16 models take 22 steps in a second: digits are 11 steps × 100 epochs, MNIST 468 × 100."""
    planted = found()
    for size, steps in (("digits", 1_100), ("mnist", 46_800)):
        alone = 100_000 / (16 * 22 / steps) / 3600
        assert hours(planted, size, "Planted", 1) == pytest.approx(alone)
        assert hours(planted, size, "Planted", 64) == pytest.approx(alone / 64 * 1.01)


def test_the_study_itself_is_what_its_claims_took(found: Costs) -> None:
    """800 VAEs in 400 s."""
    assert hours(found(), "the study at scale quick, 800", "Planted", 1) == pytest.approx(100_000 / 2 / 3600)


def test_a_gpu_that_nobody_measured_is_the_data_sheet_at_the_goal(found: Costs) -> None:
    """22 steps of 16 models: 4e9 FLOP and 1e9 bytes, at half the floor."""
    least = 4e9 / 67e12 + 1e9 / 3.35e12
    alone = 100_000 / (16 * 22 / 46_800) * (least / 0.5) / 3600
    planted = found()
    assert hours(planted, "mnist", "H100", 1) == pytest.approx(alone)
    assert hours(planted, "mnist", "H100", 8) == pytest.approx(alone / 8 * 1.01)
    assert all("no GPU was measured" in cost.source for cost in planted if "H100" in cost.where)


def test_a_data_sheet_says_nothing_of_programs_too_small_for_a_gpu(found: Costs) -> None:
    assert not [cost for cost in found() if cost.work.startswith("digits") and "H100" in cost.where]


def test_a_gpu_that_was_measured_takes_the_place_of_the_data_sheet(
    found: Costs, planted_benchmarks: Callable[..., Any]
) -> None:
    gpus = [one for one in planted_benchmarks(device="Planted GPU") if one["extra_info"]["kind"] == "training"]
    planted = found(*gpus)
    assert not [cost for cost in planted if "H100" in cost.where]
    assert {cost.machines for cost in planted if cost.where == "Planted GPU"} == {1, 8, 64}
    # The best of them: 64 models in a second of 22 steps.
    assert hours(planted, "mnist", "Planted GPU", 1) == pytest.approx(100_000 / (64 * 22 / 46_800) / 3600)


def test_the_host_draws_for_so_many_core_hours(tmp_path: Path, write_benchmarks: Any, planted_benchmarks: Any) -> None:
    """0.1 s for 20 steps of 100 images of eight replicas."""
    write_benchmarks(tmp_path, "jax", planted_benchmarks())
    read = benchmarks.read(tmp_path)
    assert costs.host_hours(read, "mnist") == pytest.approx(0.1 / 16_000 * 60_000 * 100 * 100_000 / 3600)
    assert costs.host_hours([one for one in read if one.kind != "profile"], "mnist") is None


def test_without_trainings_nothing_is_claimed(found: Costs, tmp_path: Path, write_benchmarks: Any) -> None:
    found()
    write_benchmarks(tmp_path, "jax", [])
    assert costs.costs(benchmarks.read(tmp_path)) == []


def test_a_record_without_its_fields_is_refused(found: Costs) -> None:
    with pytest.raises(EvidenceError, match="NoneType"):
        found(replicas=None)


def test_the_page_shows_them(tmp_path: Path, write_benchmarks: Any, planted_benchmarks: Any) -> None:
    write_benchmarks(tmp_path, "jax", planted_benchmarks())
    section, _ = speed.section(tmp_path)
    assert ["64 × Planted 3000, 2 cores", "measured, jax"] in [[line[1], line[3]] for line in section.costs]
