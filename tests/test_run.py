"""The whole run: every step once, inside its time, taken up again where it stopped."""

from __future__ import annotations

import json
import sys
import time

import pytest

from study import run as running
from study.errors import EvidenceError, InvalidValue
from study.run import Step, run, steps

LONG = (
    "import sys, time, pathlib; p = pathlib.Path(sys.argv[1])\ntry: time.sleep(60)\nexcept KeyboardInterrupt: p.touch()"
)


@pytest.fixture
def planted(monkeypatch, tmp_path):
    """Put small programs in the place of the steps; each writes its name when it is over."""

    def plant(**programs):
        log = tmp_path / "log"
        log.touch()
        made = [
            Step(name, ("-c", f"{code}\nopen({str(log)!r}, 'a').write('{name} ')"), {})
            for name, code in programs.items()
        ]
        monkeypatch.setattr(running, "steps", lambda *_, **__: made)
        monkeypatch.setattr(running.backends, "installed", lambda: ["jax"])
        # The repository, where the package is installed from elsewhere.
        (tmp_path / "repository" / "claims").mkdir(parents=True, exist_ok=True)
        monkeypatch.setattr(running, "REPOSITORY", tmp_path / "repository")
        return log

    return plant


def quiet(*_):
    pass


def test_benchmarks_come_first_and_precisions_are_kept_apart(tmp_path):
    listed = steps("full", tmp_path, ["jax", "torch"], ["float32", "tf32"], benchmarks=True)
    assert [step.name for step in listed] == [
        *("benchmarks jax", "benchmarks torch"),
        *("claims full jax float32", "claims full torch float32", "claims full jax tf32", "claims full torch tf32"),
    ]
    folders = [step.command[step.command.index("--study-results") + 1] for step in listed[2:]]
    assert folders == [str(tmp_path / "results")] * 2 + [str(tmp_path / "results-tf32")] * 2
    assert [step.environment["KERAS_BACKEND"] for step in listed] == ["jax", "torch"] * 3
    assert len(steps("quick", tmp_path, ["jax"], ["float32"], benchmarks=False)) == 1


def test_every_step_runs_once(planted, tmp_path):
    log = planted(first="", second="import sys; open('/dev/null'); ", third="")
    assert run("quick", tmp_path / "out", minutes=1, say=quiet) == []
    assert log.read_text() == "first second third "
    assert run("quick", tmp_path / "out", minutes=1, say=quiet) == []
    assert log.read_text() == "first second third "
    assert set(json.loads((tmp_path / "out" / "run.json").read_text()).values()) == {"done"}


def test_a_surprise_is_an_end_and_a_failure_is_not(planted, tmp_path):
    planted(surprise="raise SystemExit(1)", failure="raise SystemExit(4)", last="")
    assert run("quick", tmp_path, minutes=1, say=quiet) == ["failure"]
    state = json.loads((tmp_path / "run.json").read_text())
    assert state == {"surprise": "done", "failure": "failed with exit code 4", "last": "done"}


def test_time_runs_out_on_a_step_that_is_interrupted_and_taken_up_again(planted, tmp_path):
    mark = tmp_path / "interrupted"
    planted(first="", long=LONG.replace("sys.argv[1]", repr(str(mark))), never="")
    began = time.monotonic()
    said = []
    assert run("quick", tmp_path / "out", minutes=0.2, say=said.append) == ["long", "never"]
    assert time.monotonic() - began < 50  # the step itself would take 60 seconds
    assert mark.exists()  # as Ctrl-C: it could write down what it knew
    assert json.loads((tmp_path / "out" / "run.json").read_text()) == {"first": "done", "long": "interrupted"}
    assert any("long: interrupted" in line for line in said)
    log = planted(first="", long="", never="")
    assert run("quick", tmp_path / "out", minutes=1, say=quiet) == []
    assert log.read_text().split()[-2:] == ["long", "never"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"minutes": 0}, "--minutes: expected a number > 0, received 0"),
        ({"minutes": float("nan")}, "--minutes: expected a number > 0, received nan"),
        ({"names": ["theano"]}, "--backend: expected an installed backend, one of jax, received 'theano'"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_runs(planted, tmp_path, changes, message):
    log = planted(first="")
    with pytest.raises(InvalidValue, match=message):
        run("quick", tmp_path / "out", **{"minutes": 1, "say": quiet} | changes)
    assert not log.read_text()
    assert not (tmp_path / "out").exists()


def test_without_a_backend_or_a_repository_nothing_runs(planted, tmp_path, monkeypatch):
    planted(first="")
    monkeypatch.setattr(running.backends, "installed", list)
    with pytest.raises(InvalidValue, match="--backend: expected an installed backend"):
        run("quick", tmp_path, minutes=1, say=quiet)
    monkeypatch.setattr(running, "REPOSITORY", tmp_path / "nowhere")
    with pytest.raises(InvalidValue, match="claims: expected a checkout of the repository"):
        run("quick", tmp_path, minutes=1, say=quiet)


@pytest.mark.parametrize("damage", ["{", "[]"])
def test_a_damaged_state_is_named(planted, tmp_path, damage):
    planted(first="")
    (tmp_path / "run.json").write_text(damage)
    with pytest.raises(EvidenceError, match=r"run\.json: expected the state of an earlier run"):
        run("quick", tmp_path, minutes=1, say=quiet)


def test_steps_are_run_by_this_python(planted, tmp_path):
    log = planted(which=f"import sys; assert sys.executable == {sys.executable!r}")
    assert run("quick", tmp_path / "out", minutes=1, say=quiet) == []
    assert log.read_text() == "which "
