"""What the faults share: how many there are, the undisturbed run, and the record of what came of them.

``pytest tests/reliability --reliability full`` puts in all of them, a number at most so many of each class; without it
there is a sample. ``--reliability-json FILE`` records the counts.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for `faults`, in worker processes too
# What trains, and psutil, come with the backends: see tests/conftest.py.
FRAMEWORK = "KERAS_BACKEND" in os.environ or find_spec("keras") is not None
NEED_IT = ("damage", "determinism", "kills", "machine", "plants", "workers")
collect_ignore = [] if FRAMEWORK else [f"test_{name}.py" for name in NEED_IT]


class Undisturbed(NamedTuple):
    """A run to which nothing happens: what it leaves, the seconds that it takes, and the files written, in order."""

    files: dict[str, bytes]
    seconds: float
    writes: list[str]

    def kind(self, write: int) -> str:
        """Return what kind of file is written at a write."""
        return Path(self.writes[write]).stem.split("-")[0]


MARK, FAULT, FAILURE, MOMENT, CASES = "fault", "fault", "failure", "moment", "cases"
ROOT = "reliability"
"""Seed root of the faults."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("reliability")
    group.addoption("--reliability", metavar="N", help="faults of each class, at most; or full (default: a sample)")
    group.addoption("--reliability-json", metavar="FILE", help="record what came of them")


def pytest_configure(config: pytest.Config) -> None:
    path = config.getoption("--reliability-json", None)
    if path and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Record(Path(path)), "reliability-record")


def trials(asked: str | None, mark: pytest.Mark) -> int:
    """Return how many faults of a class are put in."""
    if asked is None:
        return mark.kwargs["sample"]
    return mark.kwargs["full"] if asked == "full" else min(int(asked), mark.kwargs["full"])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Have a test of a class of faults tried so often; its number is the seed."""
    if mark := metafunc.definition.get_closest_marker(MARK):
        count = trials(metafunc.config.getoption("--reliability", None), mark)
        metafunc.parametrize("trial", range(count))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect classes of which the sample holds none: they take minutes, and tests elsewhere try them once."""
    asked = config.getoption("--reliability", None)
    left = {item for item in items if (mark := item.get_closest_marker(MARK)) and not trials(asked, mark)}
    config.hook.pytest_deselected(items=[item for item in items if item in left])
    items[:] = [item for item in items if item not in left]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> None:
    """Have the report say which class a fault is of, and how bad it is that it was not survived."""
    if (mark := item.get_closest_marker(MARK)) and (call.when == "call" or call.excinfo):
        item.user_properties.append((FAULT, mark.args[0]))
        if call.excinfo:
            item.user_properties.append((FAILURE, type(call.excinfo.value).__name__.lower()))


class Record:
    """Counts what came of the faults, and writes it at the end."""

    def __init__(self, path: Path) -> None:
        self.path, self.began = path, time.monotonic()
        self.counts: dict[str, Counter[str]] = {}
        self.moments: dict[str, Counter[str]] = {}
        self.tests: dict[str, str] = {}
        self.failed: dict[str, list[str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = dict(report.user_properties)
        if report.skipped or FAULT not in told or not (report.when == "call" or report.failed):
            return
        name = told[FAULT]
        self.tests[name] = report.nodeid.split("[")[0]
        counts = self.counts.setdefault(name, Counter())
        tried = told.get(CASES, 1)
        counts["tried"] += tried
        counts["survived"] += tried - report.failed
        if report.failed:
            counts[told[FAILURE]] += 1
            self.failed.setdefault(name, []).append(report.nodeid)
        if MOMENT in told:
            self.moments.setdefault(name, Counter())[told[MOMENT]] += 1

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        if exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return  # cut short: what was not tried has no place in the record to say so
        from study.evidence import serialise
        from study.evidence.manifest import run_info
        from study.evidence.reliability import Faults, Reliability
        from study.runtime.files import publish

        about = run_info()
        record = Reliability(
            seed_root=ROOT,
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
            seconds=round(time.monotonic() - self.began),
            python=about["python"],
            platform=about["platform"],
            processor=about["processor"],
            backend=about["keras_backend"] or "",
            versions={**about["versions"], **about["backends"]},
            commit=about["commit"],
            dirty=about["dirty"],
            faults=tuple(
                Faults(
                    name=name,
                    test=self.tests[name],
                    tried=counts["tried"],
                    survived=counts["survived"],
                    lost=counts["lost"],
                    silent=counts["silent"],
                    failed=tuple(self.failed.get(name, ())),
                    moments=dict(sorted(self.moments.get(name, {}).items())),
                )
                for name, counts in sorted(self.counts.items())
            ),
        )
        publish(self.path, serialise.page(record, str(self.path)))


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """What would be written at the end of these faults."""
    return Record(tmp_path / "reliability.json")


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """What comes of a run to which nothing happens."""
    from faults.checks import check_same, check_whole
    from faults.project import Project

    project = Project(tmp_path_factory.mktemp("undisturbed"))
    began = time.monotonic()
    run = project.run()
    seconds, files = time.monotonic() - began, project.files()
    check_whole(project)
    check_same(project, run, files)
    return Undisturbed(files, seconds, project.writes)


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with results and a cache, of a run in this process."""
    from faults.damage import ran

    folder = tmp_path_factory.mktemp("warm")
    first = ran(folder)
    assert first.status == 0, first.output
    return folder
