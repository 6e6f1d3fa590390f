"""Runs that are killed, at a random moment or at a write, and go on by the same command."""

from __future__ import annotations

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
    check_same(project, again, undisturbed)


@pytest.mark.fault("kill of the run at a random moment", full=200, sample=1)
def test_a_killed_run_goes_on(undisturbed, tmp_path, trial, record_property):
    files, seconds = undisturbed
    project = Project(tmp_path)
    with project.running() as run:
        time.sleep(seconds * generator("kill", trial, root=ROOT).random())
        record_property("moment", stage(project, run))
        run.kill(alone=trial % 2 == 1)
    survived(project, run, files)
