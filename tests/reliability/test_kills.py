"""Runs that are killed, at a random moment or at a write, and go on by the same command."""

from __future__ import annotations

import signal
import sys
import time

import pytest
from faults.checks import age, check_gone, check_reported, check_same, check_whole
from faults.project import Project

from study.seeds import generator

pytestmark = [
    pytest.mark.framework,
    pytest.mark.skipif(sys.platform == "win32", reason="there are neither SIGKILL nor groups of processes there"),
]
ROOT = "reliability"


def stage(project, run):
    """Say how far a run had come."""
    if run.process.poll() is not None:
        return "6 over"
    if project.manifest():
        return "5 manifest written"
    if project.evidence:
        return "4 evidence written"
    if list(project.cache.glob("*/*/training.json")):
        return "3 cache written"
    return "2 training" if project.cache.exists() else "1 start"


def survived(project, run, undisturbed):
    """Check what a killed run left, and what comes of the same command again."""
    check_gone(run)
    check_whole(project)
    check_reported(project, run)
    age(project)
    again = project.run()
    check_gone(again)
    check_whole(project)
    check_same(project, again, undisturbed.files)


@pytest.mark.fault("kill of the run at a random moment", full=200, sample=1)
def test_a_killed_run_goes_on(undisturbed, tmp_path, trial, record_property):
    project = Project(tmp_path)
    with project.running() as run:
        time.sleep(undisturbed.seconds * generator("kill", trial, root=ROOT).random())
        record_property("moment", stage(project, run))
        run.kill(alone=trial % 2 == 1)
    survived(project, run, undisturbed)


POINTS = ("empty", "half", "whole", "renamed")
"""What of a file is on the disk when its writer ends."""
WRITES = 14


@pytest.mark.fault("end of the run at each write", full=len(POINTS) * WRITES, sample=1)
def test_a_run_that_ends_at_a_write_goes_on(undisturbed, tmp_path, trial, record_property):
    assert len(undisturbed.writes) == WRITES, undisturbed.writes
    place = generator("write", root=ROOT).permutation(len(POINTS) * WRITES)[trial]
    write, at = int(place) // len(POINTS), POINTS[place % len(POINTS)]
    record_property("moment", f"{undisturbed.kind(write)}, {at}")
    project = Project(tmp_path)
    project.tell(write=write, at=at)
    run = project.run()
    assert run.process.returncode == -signal.SIGKILL, run.output
    survived(project, run, undisturbed)
