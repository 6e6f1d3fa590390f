"""Workers, schedulers and runs with workers that are killed at a random moment."""

from __future__ import annotations

import sys
import time

import psutil
import pytest
from faults.checks import age, check_gone, check_reported, check_same, check_whole
from faults.project import SECONDS, Project
from faults.scheduler import scheduler

from study.seeds import generator

pytestmark = [
    pytest.mark.framework,
    pytest.mark.skipif(sys.platform == "win32", reason="there are neither SIGKILL nor groups of processes there"),
]
ROOT = "reliability"


def until(condition, run, what):
    """Wait for something while a run goes on; None where the run was faster."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if found := condition():
            return found
        if run.process.poll() is not None:
            return None
        time.sleep(0.05)
    raise TimeoutError(f"no {what} after {SECONDS} s:\n{run.output}")


def check_clear(run):
    """Make sure that a run either did well, or said in a line each what went wrong."""
    if run.process.returncode == 0:
        return
    if "Traceback" in run.output or "INTERNALERROR" in run.output:
        raise AssertionError(f"expected one clear error, received\n{run.output}")
    if "study" not in run.output and "scheduler" not in run.output:
        raise AssertionError(f"expected an error that names what is wrong, received\n{run.output}")


@pytest.fixture(scope="session")
def lifetime(tmp_path_factory, undisturbed):
    """Seconds that two workers live in an undisturbed run; it leaves what one process leaves."""
    project = Project(tmp_path_factory.mktemp("workers"), "2")
    with project.running() as run:
        until(lambda: len(run.workers) == 2, run, "workers")
        began = time.monotonic()
        run.ended()
    check_same(project, run, undisturbed.files)
    return time.monotonic() - began


@pytest.mark.fault("kill of a worker at a random moment", full=100, sample=0)
def test_a_killed_worker_costs_nothing(undisturbed, lifetime, tmp_path, trial, record_property):
    rng, project = generator("worker", trial, root=ROOT), Project(tmp_path, "2")
    with project.running() as run:
        until(lambda: len(run.workers) == 2, run, "workers")
        time.sleep(lifetime * rng.random())
        workers = run.workers
        if workers:
            worker = workers[rng.integers(len(workers))]
            try:
                moment = "working" if worker.memory_info().rss > 300 * 2**20 else "starting"
                worker.kill()
            except psutil.NoSuchProcess:
                moment = "over"
        record_property("moment", moment if workers else "over")
        run.ended()
        check_gone(run)
    check_whole(project)
    check_same(project, run, undisturbed.files)


@pytest.mark.fault("kill of an external scheduler at a random moment", full=20, sample=0)
def test_a_killed_scheduler_is_one_error_and_the_next_run_goes_on(undisturbed, lifetime, tmp_path, trial):
    project, rng = Project(tmp_path, "scheduler.json"), generator("scheduler", trial, root=ROOT)
    with scheduler(tmp_path / "scheduler.json") as theirs, project.running() as run:
        time.sleep((lifetime + undisturbed.seconds / 2) * rng.random())
        theirs.kill()
        run.ended()
    check_clear(run)
    check_whole(project)
    check_reported(project, run)
    goes_on(project, undisturbed)


@pytest.mark.fault("kill of a run with an external scheduler", full=20, sample=0)
def test_a_killed_run_leaves_nothing_to_those_who_work_for_it(undisturbed, lifetime, tmp_path, trial):
    project, rng = Project(tmp_path, "scheduler.json"), generator("client", trial, root=ROOT)
    with scheduler(tmp_path / "scheduler.json"), project.running() as run:
        time.sleep((lifetime + undisturbed.seconds / 2) * rng.random())
        run.kill()
        check_whole(project)
        check_reported(project, run)
    goes_on(project, undisturbed)


def goes_on(project, undisturbed):
    """Run once more, with another scheduler, and compare."""
    age(project)
    with scheduler(project.folder / "scheduler.json"):
        again = project.run()
    check_gone(again)
    check_whole(project)
    check_same(project, again, undisturbed.files)
