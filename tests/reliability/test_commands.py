"""Whatever is typed, and whatever stands in the environment: an answer, or one clear line."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from faults import hostile
from faults.evidence import planted, written
from faults.inputs import Refused, answered, cases, check_printable
from hypothesis import example, given
from hypothesis import strategies as st

from study.cli.main import main
from study.data.loading import availability, load
from study.evidence import serialise
from study.lab.artefacts import Setting
from study.lab.cluster import checked
from study.plugin import OPTIONS
from study.runtime import backends
from study.runtime.options import Options
from study.runtime.precision import checked as checked_precision
from study.session import Session
from study.verdicts.looks import looks


@pytest.fixture(scope="module", name="folder", autouse=True)
def folder_(tmp_path_factory):
    global FOLDER  # a property of Hypothesis takes no fixture
    FOLDER = tmp_path_factory.mktemp("commands")
    written(FOLDER / "results")


typed = hostile.texts.filter(lambda text: "\0" not in text and text.isascii()) | st.sampled_from(
    ["--results", "--json", "--history", "--against", "--retire", "--reason", "planted", "-h", "--", "-x", "results"]
)
COMMANDS = {"verdicts": [], "judge": [], "measures": [], "replay": []}


@pytest.mark.fault("any words after a command", full=20, sample=1)
@cases
@given(command=st.sampled_from([*COMMANDS, "bogus"]), words=st.lists(typed, max_size=4))
@example(command="verdicts", words=["--results", "x" * 100_000])
@example(command="replay", words=["results/quick/jax/planted.json"])
def test_commands(command, words):
    here = Path.cwd()
    os.chdir(FOLDER)
    try:
        found = CliRunner().invoke(main, [command, *words])
    finally:
        os.chdir(here)
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code in (0, 1, 2)
    check_printable(found.output)
    assert "Traceback" not in found.output


@pytest.mark.fault("evidence altered, read by every command", full=30, sample=1)
@cases
@given(text=hostile.jsons.map(json.dumps), at=st.integers(0, 20_000), cut=st.integers(0, 60))
def test_commands_on_altered_evidence(text, at, cut):
    (path,) = (FOLDER / "results" / "quick" / "jax").glob("*.json")
    good = path.read_text(encoding="utf-8")
    path.write_text(good[: at % len(good)] + text + good[at % len(good) + cut :], encoding="utf-8", errors="replace")
    try:
        for command in (["verdicts"], ["verdicts", "--json"], ["judge"]):
            found = CliRunner().invoke(main, [*command, "--results", str(FOLDER / "results")])
            if found.exception is not None and not isinstance(found.exception, SystemExit):
                raise found.exception
            assert found.exit_code in (0, 1, 2)
            check_printable(found.output)
    finally:
        path.write_text(good, encoding="utf-8")


NEEDED = ("scale", "cache", "precision")
NAMES = [name.replace("-", "_") for name in OPTIONS]
numbers = st.sampled_from(["0", "1", "8", "-3", "٣", "1e9", "9" * 5_000, "999999999999", "dask://x:1", "dask://:", "²"])
GOOD = {
    "scale": st.sampled_from(["quick", "standard"]),
    "cache": st.just("cache"),
    "precision": st.sampled_from(["float32", "tf32"]),
    "workers": numbers,
    "replicas": numbers,
}


@pytest.mark.fault("any options of pytest", full=30, sample=1)
@cases
@given(
    asked=st.fixed_dictionaries(
        {name: GOOD[name] | hostile.texts for name in NEEDED},
        optional={name: GOOD.get(name, st.none()) | hostile.texts for name in NAMES if name not in NEEDED},
    )
)
@example(asked={"scale": "quick", "cache": "cache", "precision": "float32", "replicas": "9" * 5_000})
@example(asked={"scale": "quick", "cache": "cache", "precision": "float32", "replicas": "999999999999"})
@example(asked={"scale": "quick", "cache": "cache", "precision": "float32", "workers": "999999999999"})
@example(asked={"scale": "quick", "cache": "cache", "precision": "float32", "workers": "x" * 100_000})
def test_options(asked):
    options = answered(Options.read, asked, FOLDER)
    if isinstance(options, Refused):
        return
    for read in (
        lambda: looks(options.scale, options.replicas),
        lambda: checked_precision(options.precision),
        lambda: checked(options.workers or "1"),
        lambda: Session.of(options),
    ):
        found = answered(read)
    if not isinstance(found, Refused):
        assert options.replicas is None or 2 <= options.replicas <= 10_000
        assert isinstance(found.engine.workers, str) or found.engine.workers <= 1_024
        answered(found.engine.store.check_writable)


def environment(text):
    """Whether an environment can hold a text."""
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


@pytest.mark.fault("any environment", full=20, sample=1)
@cases
@given(
    values=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("STUDY_DATA", "KERAS_BACKEND", "KERAS_HOME", "PYTEST_XDIST_WORKER_COUNT", "COLUMNS", "OMP_NUM_THREADS"),
            hostile.texts.filter(environment) | st.sampled_from(["jax", "1", "\udcff"]),
        ),
    ),
    saved=hostile.jsons.map(json.dumps) | st.text(),
)
@example(values={"PYTEST_XDIST_WORKER_COUNT": "many"}, saved="")
@example(values={"STUDY_DATA": "x" * 100_000}, saved="")
@example(values={"KERAS_HOME": "x" * 100_000}, saved="")
@example(values={}, saved="[" * 100_000)
def test_an_environment(values, saved):
    home = FOLDER / "keras"
    home.mkdir(exist_ok=True)
    (home / "keras.json").write_text(saved, encoding="utf-8", errors="replace")
    before = dict(os.environ)
    os.environ.pop("KERAS_BACKEND", None)
    os.environ |= {"KERAS_HOME": str(home), **values}
    try:
        asked = {"scale": "quick", "cache": "cache", "precision": "float32"}
        answered(Session.asked, asked, pytest.Config.InvocationParams(args=(), plugins=None, dir=FOLDER))
        answered(backends.selected)
        if values.get("STUDY_DATA"):
            assert isinstance(answered(load, "mnist"), Refused)
        for _, _, where in availability():
            assert isinstance(where, str)
        found = CliRunner().invoke(main, ["verdicts", "--results", str(FOLDER / "results")])
        assert found.exit_code == 0, found.output
    finally:
        os.environ.clear()
        os.environ |= before


def test_the_planted_evidence_is_shown():
    """Else every command would refuse it for nothing."""
    assert Setting("jax")
    found = CliRunner().invoke(main, ["judge", "--results", str(FOLDER / "results")])
    assert (found.exit_code, found.output) == (0, "all 3 rows have their recorded words and numbers\n")
    assert len(serialise.page(planted())) > 1_000
