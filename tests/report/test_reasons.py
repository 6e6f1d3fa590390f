"""Why goals were missed: parts that add up to the whole, and numbers that are derived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from study.report import benchmarks, goals, reasons
from study.report.reasons import Profile


@pytest.fixture
def profiles(
    tmp_path: Path, planted_benchmarks: Callable[..., list[Any]], write_benchmarks: Callable[..., Path]
) -> list[Profile]:
    write_benchmarks(tmp_path, "jax", planted_benchmarks())
    return reasons.Profiles(benchmarks.read(tmp_path)).all()


def test_the_parts_are_the_whole(profiles: list[Profile]) -> None:
    """An epoch of 1 s: 0.1 randomness, 0.4 products (the median), 0.1 Adam, 0.3 the rest of the step, 0.1 between."""
    assert [one.size for one in profiles] == ["digits", "mixture", "mnist"]
    for one in profiles:
        assert sum(one.parts.values()) == pytest.approx(one.seconds)
    found = profiles[2]
    assert [round(found.parts[part], 9) for part in reasons.PARTS] == [0.1, 0.4, 0.1, 0.3, 0.1]
    assert found.products == pytest.approx(2e9 / 0.4 / 1e10)
    assert found.needed == pytest.approx(0.8)
    assert found.top == (("addmm", 0.3),)


def test_the_largest_part_is_named_first_and_nothing_is_not(profiles: list[Profile]) -> None:
    assert profiles[2].sentence.startswith("matrix products 40 %, everything else 30 %")
    assert profiles[1].sentence == "comparisons 50 %, float32 product 30 %, everything else 20 %"
    tiny = replace(profiles[2], parts=profiles[2].parts | {"optimiser": 1e-4})
    assert "optimiser" not in tiny.sentence


def test_a_reason_needs_numbers() -> None:
    goal = goals.Goal(what="x", limit=20.0, sign="≤", unit="s")
    assert reasons.why(goal, 30.0, None, None) == "no profile was recorded beside it"


def test_a_goal_that_asks_for_more_than_the_machine_is_called_that() -> None:
    goal = goals.Goal(what="training", peer=goals.KERAS, limit=2.5)
    assert "asks for 150 % of it, more than the machine has" in reasons.why(goal, 1.0, 0.6, None)
    assert reasons.why(goal, 2.0, 0.6, None).endswith("asks for 75 % of it")


def test_a_measurement_from_another_file_has_the_profile_of_its_backend_and_machine(
    tmp_path: Path, planted_benchmarks: Callable[..., list[Any]], write_benchmarks: Callable[..., Path]
) -> None:
    profiled = [one for one in planted_benchmarks() if one["extra_info"]["kind"] == "profile"]
    trained = [one for one in planted_benchmarks() if one["extra_info"]["kind"] == "training"]
    write_benchmarks(tmp_path, "jax", profiled)
    write_benchmarks(tmp_path, "jax-training", trained)
    write_benchmarks(tmp_path, "torch", [one for one in planted_benchmarks("torch") if one not in profiled])
    read = benchmarks.read(tmp_path)
    found = reasons.Profiles(read)
    (one, *_) = [m for m in read if m.path.stem == "jax-training" and m.info["size"] == "mnist"]
    assert found.of(one).size == "mnist"
    assert found.of(one) is found.found[tmp_path / "benchmarks" / "jax.json", "jax", one.machine, "mnist", (2, 1)]
    others = reasons.Profiles([m for m in read if m.backend == "torch"])
    assert others.of(one) is None
