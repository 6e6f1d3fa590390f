"""Recorded benchmarks into rows: right numbers, goals that can be met and missed, nothing passed over in silence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from study.errors import EvidenceError, InvalidValue
from study.report import benchmarks, speed
from study.report.benchmarks import Row
from study.report.goals import GOALS

Make = Callable[..., list[dict[str, Any]]]
Write = Callable[..., Path]
OLD = {"name": "test_claims[cold]", "params": {"cache": "cold"}, "extra_info": {}, "stats": {"median": 321.7}}


@pytest.fixture
def rows(tmp_path: Path, planted_benchmarks: Make, write_benchmarks: Write) -> Callable[..., list[Row]]:
    """The rows of one file; changes go to its trainings."""

    def load(backend: str = "jax", **changes: Any) -> list[Row]:
        write_benchmarks(tmp_path, backend, planted_benchmarks(backend, **changes))
        return benchmarks.load(tmp_path)

    return load


def one(rows: list[Row], **wanted: Any) -> Row:
    """The one measured row that has these values."""
    measured = [row for row in rows if row.reason != "not run"]
    (row,) = [row for row in measured if all(getattr(row, name) == value for name, value in wanted.items())]
    return row


def test_a_training_is_held_against_the_floor_and_each_peer(rows: Callable[..., list[Row]]) -> None:
    """Floor: 4e9 / 1e10 + 1e9 / 1e10 = 0.5 s of the second; eight models beside one in half the time: 4 ×."""
    found = rows()
    floor = one(found, what="training", size="mnist", replicas=8, peer_name="the floor")
    keras = one(found, what="training", size="mnist", replicas=8, peer_name="Keras fit")
    assert floor.ratio == floor.share == keras.share == pytest.approx(0.5)
    assert floor.ours == pytest.approx(8 * 3600 / (468 * 100 / 22))
    assert floor.peer == pytest.approx(2 * floor.ours)
    assert keras.ratio == pytest.approx(4.0)
    assert (floor.goal, floor.met) == ("≥ 85 %", "no")
    assert (keras.goal, keras.met, keras.reason) == ("≥ 2.5 ×", "yes", "")
    assert (keras.machine, keras.date, keras.threads) == ("Planted 3000, 2 cores", "2026-11-22", "2")
    assert one(found, what="training", replicas=64, peer_name="Keras fit").goal == ""


def test_side_by_side_counts_the_models_of_all_programs(rows: Callable[..., list[Row]]) -> None:
    found = rows()
    row = one(found, what="training, a block a core", size="mnist", peer_name="Keras fit")
    alone = one(found, what="training", size="mnist", replicas=8, peer_name="Keras fit")
    assert row.ours == pytest.approx(2 * alone.ours)
    assert row.threads == "1 × 2 programs"


def test_a_slower_training_misses_its_goals_and_says_why(rows: Callable[..., list[Row]]) -> None:
    """Keras as fast as the floor's half: the goal asks for more than there is, and the profile is quoted."""
    slow = {"median": 0.1, "steps": 22, "models": 1}
    keras = one(rows(peers={"Keras fit": slow}), what="training", size="mnist", replicas=8, peer_name="Keras fit")
    assert (keras.ratio, keras.met) == (pytest.approx(0.8), "no")
    assert "the peer itself reaches 62 % of the floor" in keras.reason
    assert "asks for 156 % of it, more than the machine has" in keras.reason
    assert "matrix products 40 %" in keras.reason


def named(median: float, /, **info: Any) -> dict[str, Any]:
    """An import that took so long, as pytest-benchmark names it."""
    info = {"kind": "import", "statement": "import study", "backend": "jax"} | info
    return {"name": "i", "fullname": "tests/i.py::test_i", "extra_info": info, "stats": {"median": median}}


def test_what_was_recorded_twice_counts_once_the_newer_time(tmp_path: Path, write_benchmarks: Write) -> None:
    """Whatever the files are called; another device, and another benchmark, stand beside it."""
    gpu, other = named(0.3, device="NVIDIA H100"), named(0.4) | {"fullname": "tests/i.py::test_other"}
    for name, day, recorded in (("b", 22, [named(0.1)]), ("a", 23, [named(0.2), gpu, other]), ("c", 21, [named(0.5)])):
        path = write_benchmarks(tmp_path, name, recorded)
        content = json.loads(path.read_text()) | {
            "datetime": f"2026-11-{day}T10:00:00+00:00",
            "commit_info": {"id": f"{day}34567890"},
        }
        path.write_text(json.dumps(content))
    found = benchmarks.read(tmp_path)
    assert sorted((one.seconds, one.date, one.commit, one.who) for one in found) == [
        (0.2, "2026-11-23", "2334567", "jax"),
        (0.3, "2026-11-23", "2334567", "jax, NVIDIA H100"),
        (0.4, "2026-11-23", "2334567", "jax"),
    ]
    assert {row.commit for row in benchmarks.rows(found) if row.ours is not None} == {"2334567"}


def test_a_gpu_stands_beside_the_cpu_of_the_same_machine(
    tmp_path: Path, planted_benchmarks: Make, write_benchmarks: Write
) -> None:
    write_benchmarks(tmp_path, "jax", planted_benchmarks())
    on_gpu = [one for one in planted_benchmarks() if one["extra_info"]["kind"] in ("training", "growth", "claims")]
    for one_ in on_gpu:
        one_["extra_info"]["device"] = "NVIDIA H100"
        one_["stats"]["median"] /= 10
    write_benchmarks(tmp_path, "jax-gpu", on_gpu)
    found = benchmarks.load(tmp_path)
    trained = [r for r in found if (r.what, r.size, r.replicas, r.peer_name) == ("training", "mnist", 8, "Keras fit")]
    assert {row.who: row.ratio for row in trained if row.ours} == {
        "jax": pytest.approx(4),
        "jax, NVIDIA H100": pytest.approx(40),
    }
    assert set(benchmarks.growth(benchmarks.read(tmp_path))["replicas"]) == {"jax", "jax, NVIDIA H100"}
    assert one(found, what="claims, cold cache", backend="fastest (jax)").ours == 400.0  # the goal is for two cores
    rates = speed.section(tmp_path)[0].rates
    assert len([line for line in rates if line[:3] == ["mnist", "one program", "8"]]) == 2


def test_a_device_that_is_not_known_meets_no_goal(rows: Callable[..., list[Row]]) -> None:
    found = rows(device="unknown: no answer")
    assert not {row.met for row in found if row.what == "training" and row.ours is not None} & {"yes", "no"}


def test_a_setting_is_not_explained_by_the_profile_of_another(rows: Callable[..., list[Row]]) -> None:
    slow = {"median": 0.1, "steps": 22, "models": 1}
    for what, explained in (("training", True), ("training, a block a core", False)):
        row = one(rows(peers={"Keras fit": slow}), what=what, size="digits", replicas=8, peer_name="Keras fit")
        assert row.met == "no"
        assert ("the time goes to" in row.reason) == explained


@pytest.mark.parametrize(
    ("what", "ours", "met"),
    [
        ("mixture density, error", 2e-6, "yes"),
        ("mixture density, peak memory", 1100.0, "no"),
        ("claims, warm cache", 25.0, "no"),
        ("the whole of tox, cold", 2400.0, "yes"),
        ("import study, whole process", 0.05, "yes"),
        ("peak memory, last block against the first", 1.02, "yes"),
    ],
)
def test_plain_values_are_held_against_their_goals(
    rows: Callable[..., list[Row]], what: str, ours: float, met: str
) -> None:
    row = one(rows(), what=what, backend="all" if "tox" in what else "jax")
    assert (row.ours, row.met) == (pytest.approx(ours), met)
    assert bool(row.reason) == (met == "no")


def test_memory_that_grows_says_how(tmp_path: Path, write_benchmarks: Write) -> None:
    info = {"kind": "memory", "backend": "jax", "size": "mnist", "replicas": 8, "peaks_mib": [500.0, 600.0, 700.0]}
    write_benchmarks(tmp_path, "jax", [{"name": "planted", "extra_info": info, "stats": {"median": 9.0}}])
    row = one(benchmarks.load(tmp_path), what="peak memory, last block against the first", backend="jax")
    assert (row.met, row.reason) == ("no", "the peak after each block: 500, 600, 700 MiB")


def test_the_mixture_says_what_its_goal_would_leave(rows: Callable[..., list[Row]]) -> None:
    row = one(rows(), what="mixture density", peer_name="scikit-learn", backend="jax")
    assert (row.ratio, row.met) == (pytest.approx(30.0), "no")
    assert "leaves 150 ms, and to screen each pair (a float32 product, a comparison) takes 160 ms alone" in row.reason


def test_the_fastest_backend_has_a_goal_of_its_own(
    rows: Callable[..., list[Row]], tmp_path: Path, write_benchmarks: Write
) -> None:
    """Three backends within 15 minutes, the fastest within 8: 400 s; then 500 s, and it is missed."""
    assert one(rows(), what="claims, cold cache", backend="fastest (jax)").met == "yes"
    write_benchmarks(tmp_path, "torch", [OLD])
    assert one(benchmarks.load(tmp_path), backend="fastest (torch)").ours == 321.7
    for backend in ("jax", "torch"):
        write_benchmarks(tmp_path, backend, [OLD | {"stats": {"median": 500.0}}])
    found = benchmarks.load(tmp_path)
    assert one(found, what="claims, cold cache", backend="torch").met == "yes"
    assert next(row for row in found if row.backend.startswith("fastest")).met == "no"


def test_what_was_not_measured_is_said(rows: Callable[..., list[Row]]) -> None:
    """Every goal appears for every backend that it is for, measured or not; a GPU too."""
    found = rows()
    for goal in GOALS:
        for backend in set(goal.backends) - {"fastest"}:
            assert any(goal.is_for(row) and row.backend == backend and row.goal == goal.text for row in found), goal
    gone = [row for row in found if row.met == "not measured"]
    assert {row.reason for row in gone} == {"not run"}
    assert {row.backend for row in gone if row.device == "GPU"} == {"jax", "tensorflow", "torch"}
    assert "jax" not in {row.backend for row in gone if row.device == "CPU"}


def test_a_peer_that_could_not_run_gives_its_reason(rows: Callable[..., list[Row]]) -> None:
    row = one(
        rows("torch", skipped={"pythae": "no wheel"}), what="training", peer_name="pythae", replicas=8, size="mnist"
    )
    assert (row.met, row.reason, row.ratio) == ("not measured", "no wheel", None)


def test_a_gpu_is_held_against_its_own_goals(rows: Callable[..., list[Row]]) -> None:
    found = rows(device="NVIDIA H100")
    keras = one(
        found, what="training", replicas=64, peer_name="Keras fit", backend="jax", size="mnist", device="NVIDIA H100"
    )
    assert keras.goal == "≥ 50 ×"
    eight = one(found, what="training", replicas=8, peer_name="Keras fit", size="mnist", device="NVIDIA H100")
    assert eight.goal == ""


def test_old_records_hold_claims_and_import_only(tmp_path: Path, write_benchmarks: Write) -> None:
    """Their kind is told from their parameters, their backend from the file's name."""
    imported = OLD | {"params": {"statement": "import study"}, "stats": {"median": 0.03}}
    write_benchmarks(tmp_path, "tensorflow", [OLD, imported, OLD | {"params": None}])
    measured = [row for row in benchmarks.load(tmp_path) if row.ours is not None]
    assert [(row.what, row.ours) for row in measured] == [
        ("claims, cold cache", 321.7),
        ("claims, cold cache", 321.7),
        ("import study, whole process", 0.03),
    ]


def test_growth_is_seconds_an_epoch(tmp_path: Path, planted_benchmarks: Make, write_benchmarks: Write) -> None:
    write_benchmarks(tmp_path, "jax", planted_benchmarks())
    grown = benchmarks.growth(benchmarks.read(tmp_path))
    assert grown["replicas"]["jax"] == pytest.approx({1: 0.02, 8: 0.16, 64: 1.28})
    assert set(grown) == {"replicas", "width"}


def test_rows_are_plain_json_without_the_host(rows: Callable[..., list[Row]]) -> None:
    content = json.dumps([row.as_dict() for row in rows()], allow_nan=False)
    assert "somebody" not in content
    assert "Planted 3000" in content


def test_no_benchmarks_are_refused(tmp_path: Path) -> None:
    assert benchmarks.read(tmp_path) == []
    with pytest.raises(InvalidValue, match=r"--results: expected a folder that holds benchmarks/"):
        benchmarks.load(tmp_path)


@pytest.mark.parametrize(
    "damage", ["{", "[]", "{}", '{"machine_info": {"cpu": {}}, "benchmarks": [{}], "datetime": ""}']
)
def test_a_damaged_file_is_named(tmp_path: Path, write_benchmarks: Write, damage: str) -> None:
    write_benchmarks(tmp_path, "bad", []).write_text(damage, encoding="utf-8")
    with pytest.raises(EvidenceError, match=r"bad\.json: expected benchmarks as pytest-benchmark writes them"):
        benchmarks.load(tmp_path)


@pytest.mark.parametrize("kind", ["training", "mixture", "memory", "claims", "import", "ceiling", "profile"])
def test_a_benchmark_without_its_fields_is_named(tmp_path: Path, write_benchmarks: Write, kind: str) -> None:
    bare = OLD | {"params": None, "extra_info": {"kind": kind, "size": "mnist"}}
    write_benchmarks(tmp_path, "bare", [bare])
    with pytest.raises(EvidenceError, match=r"bare\.json: expected a"):
        benchmarks.load(tmp_path)


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan")])
def test_a_time_that_is_none_is_refused(tmp_path: Path, write_benchmarks: Write, seconds: float) -> None:
    write_benchmarks(tmp_path, "odd", [OLD | {"stats": {"median": seconds}}])
    with pytest.raises(EvidenceError, match=r"odd\.json"):
        benchmarks.load(tmp_path)


def test_growth_without_its_fields_is_named(tmp_path: Path, write_benchmarks: Write) -> None:
    write_benchmarks(tmp_path, "bare", [OLD | {"params": None, "extra_info": {"kind": "growth"}}])
    with pytest.raises(EvidenceError, match=r"bare\.json: expected growth"):
        benchmarks.growth(benchmarks.read(tmp_path))
