"""``pytest --study-plan``: what is listed, that nothing is trained, and what is said of rows."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from study.lab.plan import Plan
from study.lab.work import Bench


def pytest_in(folder, *arguments):
    run = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(run, cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False)


def files(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def planned(small_study, tmp_path_factory):
    """A folder in which the small study was planned, and what was printed."""
    folder = small_study(tmp_path_factory.mktemp("planned"))
    return folder, pytest_in(folder, "-v", "--study-plan")


@pytest.mark.framework
def test_a_plan_lists_what_the_next_look_would_train(planned):
    _, run = planned
    assert run.returncode == 0, run.stdout
    for row in ("total_correlation", "energy_distance"):
        assert f"::test_small[digits-{row}] TO BE TRAINED (2 blocks)" in run.stdout
    assert "::test_every_vae[digits] TO BE TRAINED (1 blocks)" in run.stdout  # example by example
    assert "3 to be trained" in run.stdout
    table = run.stdout[run.stdout.index("plan: scale quick, backend") :]
    # All differ in their KL weights only: one program, and the two rows of the claim want the same blocks.
    (line,) = [line for line in table.splitlines() if line.startswith("digits, D = 2")]
    assert line.split("binarised")[1].split()[:3] == ["3", "24", str(64 * 4 + 4 + 20 + 12 + 64 * 5)]
    assert "together 3 blocks, 24 VAEs" in table
    assert "`study train` trains it" in table


@pytest.mark.framework
def test_planning_trains_nothing_records_nothing_and_imports_no_framework(planned):
    folder, _ = planned
    assert {name for name in files(folder) if "__pycache__" not in name and ".hypothesis" not in name} == {
        "pytest.ini", "conftest.py", "test_small.py", "modules.txt", ".study-cache/plan.json",
    }  # fmt: skip
    modules = set((folder / "modules.txt").read_text().split())
    assert "study.lab" in modules
    assert not modules & {"keras", "tensorflow", "jax", "torch"}


@pytest.mark.framework
def test_the_plan_holds_all_that_training_needs(planned):
    folder, _ = planned
    plan = Plan.read(folder / ".study-cache")
    assert (plan.folder, plan.arguments) == (str(folder), ("-p", "no:cacheprovider", "-v", "--study-plan"))
    assert (plan.undecided, plan.decided) == (3, 0)
    plan.check(Bench(folder / ".study-cache", plan.backend))
    tasks = {(task.block.config.kl_weight, task.block.index, task.panels, task.claims) for task in plan.tasks}
    assert tasks == {(weight, 0, ("structure",), ("small",)) for weight in (0.5, 1.0, 2.0)}
    assert all(task.flop > 0 and task.memory > 0 and task.seconds > 0 for task in plan.tasks)


@pytest.mark.framework
def test_two_workers_make_the_same_plan(planned, small_study, tmp_path):
    pytest.importorskip("xdist")
    folder = small_study(tmp_path / "workers")
    run = pytest_in(folder, "-n", "2", "--study-plan")
    assert "3 to be trained" in run.stdout, run.stdout
    plans = [json.loads((f / ".study-cache" / "plan.json").read_text()) for f in (planned[0], folder)]
    assert plans[0]["tasks"] == plans[1]["tasks"]


@pytest.mark.framework
def test_a_refusal_comes_before_the_plan(small_study, tmp_path):
    folder = small_study(tmp_path / "refused")
    run = pytest_in(folder, "--study-plan", "--study-cache", "test_small.py/below")
    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert "ERROR: --study-cache: expected a folder that can be written to" in run.stderr


def test_tests_that_are_no_claims_run_as_ever(pytester):
    pytester.makepyfile("def test_plain(): assert True")
    run = pytester.runpytest_inprocess("--study-plan")
    run.assert_outcomes(passed=1)
    assert "plan: scale" not in str(run.stdout)
    assert not (pytester.path / ".study-cache").exists()
