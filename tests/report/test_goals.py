"""The table of goals: as it was set, and able to be missed."""

from __future__ import annotations

import pytest

from study.report import goals
from study.report.benchmarks import Row
from study.report.goals import ALL, FLOOR, GOALS, KERAS, Goal


def test_the_goals_are_those_that_were_set() -> None:
    """Goals do not move: a change here is seen in review."""
    assert [(goal.what, goal.size, goal.peer, goal.text, goal.place) for goal in GOALS] == [
        ("training", "mnist", "the floor", "≥ 85 %", "CPU"),
        ("training", "mnist", "Keras fit", "≥ 2.5 ×", "CPU"),
        ("training", "digits", "Keras fit", "≥ 6 ×", "CPU"),
        ("training", "digits", "Keras fit", "≥ 2 ×", "CPU"),
        ("training", "mnist", "pythae", "≥ 2.5 ×", "CPU"),
        ("training, a block a core", "mnist", "the floor", "≥ 85 %", "CPU"),
        ("training, a block a core", "mnist", "Keras fit", "≥ 2.5 ×", "CPU"),
        ("training, a block a core", "digits", "Keras fit", "≥ 6 ×", "CPU"),
        ("training, a block a core", "digits", "Keras fit", "≥ 2 ×", "CPU"),
        ("mixture density", "", "scikit-learn", "≥ 40 ×", "CPU"),
        ("mixture density, error", "", "", "≤ 0.0001 nats", "CPU"),
        ("mixture density, peak memory", "", "", "≤ 1024 MiB", "CPU"),
        ("claims, cold cache", "", "", "≤ 8 min", "CPU"),
        ("claims, cold cache", "", "", "≤ 15 min", "CPU"),
        ("claims, warm cache", "", "", "≤ 20 s", "CPU"),
        ("the whole of tox, cold", "", "", "≤ 50 min", "CPU"),
        ("import study, whole process", "", "", "≤ 0.3 s", "CPU"),
        ("peak memory, last block against the first", "", "", "≤ 1.1 ×", "CPU"),
        ("Dask, overhead of a trial", "", "", "≤ 5 %", "CPU"),
        ("training", "mnist", "the floor", "≥ 50 %", "GPU"),
        ("training", "mnist", "Keras fit", "≥ 50 ×", "GPU"),
    ]
    assert {goal.backends for goal in GOALS if goal.what == "training" and goal.size == "mnist"} == {ALL, ("torch",)}


@pytest.mark.parametrize(
    ("sign", "value", "met"),
    [("≥", 2.0, True), ("≥", 2.1, True), ("≥", 1.99, False), ("≤", 2.0, True), ("≤", 1.9, True), ("≤", 2.01, False)],
)
def test_a_goal_can_be_missed(sign: str, value: float, met: bool) -> None:
    assert Goal(what="x", limit=2.0, sign=sign).met(value) is met


@pytest.mark.parametrize(
    ("device", "place", "who"),
    [
        ("cpu", "CPU", "jax"),
        ("TFRT_CPU_0", "CPU", "jax"),
        ("NVIDIA H100", "GPU", "jax, NVIDIA H100"),
        ("unknown: no answer", "", "jax, unknown: no answer"),
    ],
)
def test_a_device_has_a_place_and_a_gpu_is_named(device: str, place: str, who: str) -> None:
    assert goals.place(device) == place
    assert goals.who("jax", device) == goals.who("jax", device, "float64") == who
    assert goals.who("jax", device, "tf32") == f"{who}, tf32"


@pytest.mark.parametrize(
    "other",
    [{"what": "y"}, {"peer_name": KERAS}, {"backend": "torch"}, {"size": "digits"}, {"replicas": 1}],
)
def test_a_goal_is_for_its_own_rows_only(other: dict[str, object]) -> None:
    goal = Goal(what="x", limit=0.5, peer=FLOOR, size="mnist", replicas=8, backends=("jax",))
    row = {"what": "x", "peer_name": FLOOR, "backend": "jax", "size": "mnist", "replicas": 8, "unit": ""}
    assert goal.is_for(Row(**row))
    assert not goal.is_for(Row(**row | other))
