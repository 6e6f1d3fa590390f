"""Planted faults of the study itself, which the harness must find: else its zeros would mean nothing."""

from __future__ import annotations

import signal
import sys

import pytest
from faults.checks import age, check_gone, check_reported, check_same, check_whole
from faults.damage import check_made_again, check_refused
from faults.outcomes import Left, Lost, Silent
from faults.project import Project

pytestmark = [
    pytest.mark.framework,
    pytest.mark.skipif(sys.platform == "win32", reason="there are neither SIGKILL nor groups of processes there"),
]
UNGUARDED = """
from study.runtime import files


def unguarded(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())


files.publish = unguarded
"""
DROPPED_FSYNC = """
os.fsync = lambda descriptor: None
"""
TOLD_FIRST = """
import pytest
from study import plugin

late = pytest.hookimpl(trylast=True)(lambda self, report: written_late(self, report=report))
written_late = plugin.Claims.pytest_runtest_logreport
plugin.Claims.pytest_runtest_logreport = late
"""
UNSWEPT = """
from study.lab.store import Store

Store.sweep = lambda self, block: None
"""


def ended(folder, plant, **fault):
    """Run a project with a plant to where it ends itself."""
    project = Project(folder)
    with (folder / "conftest.py").open("a", encoding="utf-8") as file:
        file.write(plant)
    project.tell(**fault)
    run = project.run()
    assert run.process.returncode == -signal.SIGKILL, run.output
    return project, run


@pytest.mark.parametrize(
    ("plant", "at"), [(UNGUARDED, "half"), (DROPPED_FSYNC, "renamed")], ids=["unguarded write", "dropped fsync"]
)
def test_a_write_that_may_be_lost_is_found(tmp_path, plant, at):
    project, _ = ended(tmp_path, plant, write=0, at=at)
    with pytest.raises(Lost, match="half-written"):
        check_whole(project)


def test_a_row_that_is_told_before_it_is_written_is_found(undisturbed, tmp_path):
    project, run = ended(tmp_path, TOLD_FIRST, write=undisturbed.writes.index("tiny.json"), at="half")
    check_gone(run)
    with pytest.raises(Lost, match="reported, and not in the evidence"):
        check_reported(project, run)


def test_a_draft_that_is_left_behind_is_found(undisturbed, tmp_path):
    project, _ = ended(tmp_path, UNSWEPT, write=1, at="half")
    draft = next(project.cache.rglob(".*.tmp"))
    draft.rename(draft.with_name(".another.0.tmp"))  # of which no later one is written
    age(project)
    with pytest.raises(Left, match=r"left behind: .*another"):
        check_same(project, project.run(), undisturbed.files)


class Anything(str):
    """A digest that is equal to all others."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False


def test_a_digest_that_is_not_checked_is_found(warm, tmp_path, monkeypatch):
    monkeypatch.setattr("study.lab.store._text_digest", lambda values: Anything("0"))
    with pytest.raises(Silent, match="other evidence"):
        check_made_again(warm, tmp_path, "rate*", lambda content, other: content.replace(b"[", b"[9"))


def test_evidence_whose_digest_is_not_checked_is_found(warm, tmp_path, monkeypatch):
    monkeypatch.setattr("study.evidence.serialise._digest", lambda items: Anything("0"))
    with pytest.raises(Silent, match="the run went on"):
        check_refused(
            warm, tmp_path, "tiny.json", lambda content, other: content.replace(b'"reach": 16', b'"reach": 15')
        )


def test_a_key_that_is_not_checked_is_found(warm, tmp_path, monkeypatch):
    monkeypatch.setattr("study.lab.store._check_own", lambda about, key: None)
    with pytest.raises(Silent, match="other evidence"):
        check_made_again(warm, tmp_path, "rate*", lambda content, other: other)
