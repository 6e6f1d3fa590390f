"""The same command again: the same bytes, by one worker or two, whole or killed and gone on; and so the pages.

On every backend: ``KERAS_BACKEND=torch pytest tests/reliability/test_determinism.py --reliability 8``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from faults.checks import age, check_same
from faults.outcomes import Silent
from faults.project import Project

from study.seeds import generator

pytestmark = [
    pytest.mark.framework,
    pytest.mark.skipif(sys.platform == "win32", reason="there are neither SIGKILL nor groups of processes there"),
]
WAYS = ("whole", "killed and gone on")
CLOCK = """
from study.runtime import files

honest = files.publish
files.publish = lambda path, content: honest(path, f"{content} " if path.name == "tiny.json" else content)
"""


@pytest.mark.fault("the same command again, by one worker or two", full=40, sample=1)
def test_the_same_command_gives_the_same_bytes(undisturbed, tmp_path, trial, record_property):
    workers, way = 2 - trial % 2, WAYS[trial // 2 % 2]
    record_property("moment", f"{workers}, {way}")
    project = Project(tmp_path, str(workers))
    if way != "whole":
        with project.running() as run:
            time.sleep(undisturbed.seconds * generator("resumed", trial, root="reliability").uniform(0.5, 1.0))
            run.kill()
        age(project)
    check_same(project, project.run(), undisturbed.files)


def reported(folder: Path, hashes: int) -> dict[str, bytes]:
    """Write the pages of results by the study's own command; what they hold, by path."""
    command = [sys.executable, "-m", "study", "report", "--results", "results"]
    told = os.environ | {"PYTHONHASHSEED": str(hashes), "TZ": ("UTC", "Asia/Tokyo")[hashes % 2]}
    subprocess.run(command, cwd=folder, env=told, check=True, stdout=subprocess.DEVNULL)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted((folder / "results").rglob("*"))
        if path.is_file()
    }


def check_pages(one: Path, other: Path, trial: int) -> None:
    """Compare the pages, figures and table of two folders with the same evidence.

    Raises:
        Silent: Some file has other bytes.
    """
    first, second = reported(one, 2 * trial), reported(other, 2 * trial + 1)
    assert {Path(name).suffix for name in first} >= {".html", ".md", ".svg", ".parquet"}
    if differing := [name for name in sorted(first.keys() | second.keys()) if first.get(name) != second.get(name)]:
        raise Silent(f"other bytes: {differing}")


@pytest.fixture
def twice(warm, tmp_path):
    """Two folders with the same evidence."""
    folders = [tmp_path / name for name in ("one", "a second place")]
    for folder in folders:
        shutil.copytree(warm / "results" / "local", folder / "results")
    return folders


@pytest.mark.fault("pages, figures and table written again", full=10, sample=1)
def test_the_same_evidence_gives_the_same_pages(twice, trial):
    pytest.importorskip("altair", reason="pages need the extra report")
    check_pages(*twice, trial)


def test_bytes_that_depend_on_the_run_are_found(undisturbed, tmp_path):
    project = Project(tmp_path)
    with (tmp_path / "conftest.py").open("a", encoding="utf-8") as file:
        file.write(CLOCK)
    with pytest.raises(Silent, match=r"other than in an undisturbed run: .*tiny\.json"):
        check_same(project, project.run(), undisturbed.files)


def test_pages_that_differ_are_found(twice):
    pytest.importorskip("altair", reason="pages need the extra report")
    shutil.rmtree(next(twice[1].rglob("figure-data")))
    with pytest.raises(Silent, match="other bytes"):
        check_pages(*twice, 0)
