"""The recorded benchmarks against the goals: met, known to be missed, or not measured yet.

It reads what is in ``results/benchmarks`` and times nothing: ``pytest tests/benchmarks/test_goals.py``.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from study.report import speed

GOALS = tomllib.loads((Path(__file__).parent / "bench" / "goals.toml").read_text(encoding="utf-8"))["goal"]
RESULTS = Path(__file__).parents[2] / "results"
BACKENDS = ("jax", "tensorflow", "torch")


def named(goal: dict[str, Any], backend: str) -> str:
    bound = f"≥ {goal['at_least']:g}" if "at_least" in goal else f"≤ {goal['at_most']:g}"
    words = (goal["what"], goal.get("size"), goal.get("replicas"), goal.get("peer"), f"{goal['of']} {bound}", backend)
    return ", ".join(str(word) for word in (*words, "GPU" if goal.get("gpu") else None) if word)


def held(goal: dict[str, Any], backend: str) -> dict[Any, float]:
    """What was recorded that a goal is for, row by row."""
    table, _ = speed.read(RESULTS)
    wanted = {"what": goal["what"], "backend": backend} | {k: goal[k] for k in ("size", "replicas") if k in goal}
    return {
        row: getattr(row, goal["of"])
        for row in table
        if all(getattr(row, name) == value for name, value in wanted.items())
        and ("cpu" not in row.device.lower()) == goal.get("gpu", False)
        and (row.peer_name == goal["peer"] if "peer" in goal else True)
    }


CASES = [
    pytest.param(goal, backend, id=named(goal, backend)) for goal in GOALS for backend in goal.get("backends", BACKENDS)
]


@pytest.mark.parametrize(("goal", "backend"), CASES)
def test_goal(goal: dict[str, Any], backend: str) -> None:
    """A goal that is newly missed fails, and so does one that is no longer missed: then the file says so."""
    found = held(goal, backend)
    if not found:
        pytest.skip("not measured yet")
    least, most = goal.get("at_least", float("-inf")), goal.get("at_most", float("inf"))
    missed = {row: value for row, value in found.items() if not least <= value <= most}
    if backend in goal.get("missed", ()):
        assert missed, f"{backend} meets it now: take it from `missed`"
        pytest.xfail(f"known to be missed: {', '.join(f'{value:.3g}' for value in missed.values())}")
    assert not missed


@pytest.mark.parametrize("what", speed.LOADS)
def test_no_load_grows_faster_than_its_size(what: str) -> None:
    """Seconds a piece do not rise from the smallest load to the largest."""
    table, _ = speed.read(RESULTS)
    rows = [row for row in table if row.what == speed.LOADS[what][0]]
    if not rows:
        pytest.skip("not measured yet")
    for who in {row.who for row in rows}:
        of = {int(row.size.split()[0].replace(",", "")): row.ours for row in rows if row.who == who}
        least, most = min(of), max(of)
        assert of[most] / most <= 1.1 * of[least] / least
