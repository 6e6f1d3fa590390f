"""A machine that fails: disks that are full or turn read-only, clocks that jump, names of folders, runs at once."""

from __future__ import annotations

import errno
import shutil
import sys
from contextlib import ExitStack

import pytest
from faults import disks
from faults.checks import age, check_reported, check_same, check_whole
from faults.outcomes import Left
from faults.project import Project

from study.seeds import generator

pytestmark = [
    pytest.mark.framework,
    pytest.mark.skipif(sys.platform == "win32", reason="there are neither SIGKILL nor groups of processes there"),
]
ROOT = "reliability"
ERRORS = (errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO)
WRITES = 14


def check_clear(run, *named):
    """Make sure that a run failed, and said why in lines of its own."""
    assert run.process.returncode != 0, run.output
    if "Traceback" in run.output or "INTERNALERROR" in run.output:
        raise AssertionError(f"expected one clear error, received\n{run.output}")
    for name in named:
        assert name in run.output, run.output


def goes_on(project, undisturbed):
    age(project)
    again = project.run()
    check_whole(project)
    check_same(project, again, undisturbed.files)


@pytest.mark.fault("a disk that fails at each write", full=WRITES * len(ERRORS), sample=1)
def test_a_disk_that_fails_is_one_error_and_the_next_run_goes_on(undisturbed, tmp_path, trial, record_property):
    place = int(generator("disk", root=ROOT).permutation(WRITES * len(ERRORS))[trial])
    write, error = place // len(ERRORS), ERRORS[place % len(ERRORS)]
    record_property("moment", f"{undisturbed.kind(write)}, {errno.errorcode[error]}")
    project = Project(tmp_path)
    project.tell(write=write, at="fails", error=error)
    run = project.run()
    check_clear(run, f"[Errno {error}]")
    check_whole(project)
    check_reported(project, run)
    if drafts := list(project.folder.rglob(".*.tmp")):
        raise Left(f"left behind: {drafts}")
    goes_on(project, undisturbed)


PLACES = ("results", "cache")
PAGE = 4_096
"""Bytes of which a file on such a disk takes a whole number."""


def ended(project, run, undisturbed):
    """Check what a run left that may have met with a disk that takes nothing, and what comes of the same again."""
    if run.process.returncode != 0:
        check_clear(run)
    check_whole(project)
    check_reported(project, run)
    if drafts := [path for path in project.folder.rglob(".*.tmp") if path.stat().st_size]:
        raise Left(f"left behind: {drafts}")
    project.within = ()
    goes_on(project, undisturbed)


@pytest.fixture
def disk(tmp_path, trial):
    """A project, its folder of results or its cache, and what is drawn by chance."""
    project = Project(tmp_path / "project")
    return project, getattr(project, PLACES[trial % 2]), generator("disk", trial, root=ROOT)


@pytest.mark.skipif(not disks.spaces(), reason="one may not mount anything here")
@pytest.mark.fault("a disk that is full, of any size", full=40, sample=0)
def test_a_full_disk_is_one_error_and_the_next_run_goes_on(undisturbed, disk, tmp_path, trial, record_property):
    project, place, rng = disk
    files = [content for name, content in undisturbed.files.items() if (project.folder / name).is_relative_to(place)]
    size = PAGE * int(rng.integers(1, 2 * sum(-(-len(content) // PAGE) for content in files)))
    project.within = disks.full(size, place, tmp_path / "kept")
    run = project.run()
    record_property("moment", f"{PLACES[trial % 2]}, {'whole' if run.process.returncode == 0 else 'full'}")
    shutil.rmtree(place)
    shutil.move(tmp_path / "kept", place)
    ended(project, run, undisturbed)


@pytest.mark.skipif(not disks.spaces(), reason="one may not mount anything here")
@pytest.mark.fault("a disk that turns read-only", full=20, sample=0)
def test_a_disk_that_turns_read_only_is_one_error_and_the_next_run_goes_on(undisturbed, disk, trial, record_property):
    project, place, rng = disk
    project.within = disks.read_only(undisturbed.seconds * rng.random(), place)
    run = project.run()
    record_property("moment", f"{PLACES[trial % 2]}, {'whole' if run.process.returncode == 0 else 'read-only'}")
    ended(project, run, undisturbed)


@pytest.mark.fault("no permission any more", full=20, sample=0)
def test_no_permission_is_one_error_and_the_next_run_goes_on(undisturbed, disk, trial, record_property):
    project, place, rng = disk
    project.within = disks.plain()
    with project.running() as run:
        forbidden = disks.forbid(place, run, undisturbed.seconds * rng.random())
        run.ended()
    for path in forbidden:
        path.chmod(0o755)
    record_property("moment", f"{PLACES[trial % 2]}, {'whole' if run.process.returncode == 0 else 'forbidden'}")
    ended(project, run, undisturbed)


NAMES = ("with blanks and 'quotes'", "mit Umläuten äöüß …", "x" * 200)


@pytest.mark.fault("a folder of an unusual name", full=len(NAMES), sample=0)
def test_a_folder_may_have_any_name(undisturbed, tmp_path, trial):
    project = Project(tmp_path / NAMES[trial])
    check_same(project, project.run(), undisturbed.files)


@pytest.mark.fault("eight runs at once on one cache and one folder of results", full=3, sample=0)
def test_runs_at_once_disturb_each_other_in_nothing(undisturbed, tmp_path, trial):
    with ExitStack() as stack:
        project = Project(tmp_path)
        runs = [stack.enter_context(project.running(output=f"output-{index}.txt")) for index in range(8)]
        for run in runs:
            run.ended()
    for run in runs:
        check_same(project, run, undisturbed.files)


CLOCK = """
import study.session

class Jumping(study.session.datetime):
    days = iter((0, {days}))

    @classmethod
    def now(cls, zone):
        from datetime import timedelta

        return super().now(zone) + timedelta(days=next(cls.days, {days}))

study.session.datetime = Jumping
"""


@pytest.mark.fault("a clock that jumps a day", full=2, sample=0)
def test_a_clock_may_jump(undisturbed, tmp_path, trial):
    project = Project(tmp_path)
    with (tmp_path / "conftest.py").open("a", encoding="utf-8") as file:
        file.write(CLOCK.format(days=(-1, 1)[trial]))
    check_same(project, project.run(), undisturbed.files)
