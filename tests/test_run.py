"""The whole run: every step once, inside its time, taken up again where it stopped."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from study import run as running
from study.errors import EvidenceError, InvalidValue
from study.plugin import UNJUDGED
from study.run import JUDGED, Step, run, steps

LONG = (
    "import sys, time, pathlib; p = pathlib.Path(sys.argv[1])\ntry: time.sleep(60)\nexcept KeyboardInterrupt: p.touch()"
)


@pytest.fixture
def planted(monkeypatch, tmp_path):
    """Put small programs in the place of the steps; each writes its name when it is over."""

    def plant(over=(0,), **programs):
        log = tmp_path / "log"
        log.touch()
        made = [
            Step(name, ("-c", f"{code}\nopen({str(log)!r}, 'a').write('{name} ')"), {"KERAS_BACKEND": "jax"}, over)
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


def test_benchmarks_come_first_and_precisions_are_kept_apart(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "REPOSITORY", Path(__file__).parents[1])  # also where the package is a wheel
    listed = steps("full", tmp_path, ["jax", "torch"], ["float32", "tf32"], benchmarks=True)
    *benchmarks, one, two, three, four = listed
    assert [step.name for step in (one, two, three, four)] == [
        *("claims full jax float32", "claims full torch float32", "claims full jax tf32", "claims full torch tf32")
    ]
    folders = [step.command[step.command.index("--study-results") + 1] for step in listed[-4:]]
    assert folders == [str(tmp_path / "results")] * 2 + [str(tmp_path / "results-tf32")] * 2
    assert [step.environment["KERAS_BACKEND"] for step in listed[-4:]] == ["jax", "torch"] * 2
    assert len(steps("quick", tmp_path, ["jax"], ["float32"], benchmarks=False)) == 1
    for backend in ("jax", "torch"):
        own = [step for step in benchmarks if step.environment == {"KERAS_BACKEND": backend}]
        assert {f"benchmark {what} {backend}" for what in ("training", "mixture", "growth")} <= {s.name for s in own}
        assert f"benchmark tox {backend}" not in {step.name for step in own}
        records = [step.command[step.command.index("--benchmark-json") + 1] for step in own]
        assert len(set(records)) == len(own) == len(benchmarks) / 2
        assert all((running.REPOSITORY / step.command[2]).is_file() for step in own)
    assert {code for step in benchmarks for code in step.over} == {0}


def test_every_step_runs_once(planted, tmp_path):
    log = planted(first="", second="import sys; open('/dev/null'); ", third="")
    assert run("quick", tmp_path / "out", minutes=1, say=quiet) == []
    assert log.read_text() == "first second third "
    assert run("quick", tmp_path / "out", minutes=1, say=quiet) == []
    assert log.read_text() == "first second third "
    state = json.loads((tmp_path / "out" / "run.json").read_text())
    assert {entry["state"] for entry in state.values()} == {"done"}
    assert len({entry["with"] for entry in state.values()}) == 1


@pytest.mark.parametrize("change", ["version", "source", "nothing"])
def test_what_other_code_or_another_version_did_is_done_again(planted, tmp_path, monkeypatch, change):
    log = planted(first="")
    run("quick", tmp_path / "out", minutes=1, say=quiet)
    if change == "version":
        monkeypatch.setattr(running.backends, "backend_version", lambda name: "0.1")
    if change == "source":
        (tmp_path / "repository" / "claims" / "test_new.py").write_text("")
    (tmp_path / "repository" / "claims" / "notes.txt").write_text("no source")
    run("quick", tmp_path / "out", minutes=1, say=quiet)
    assert log.read_text().split() == ["first"] * (1 if change == "nothing" else 2)


def states(folder):
    return {name: entry["state"] for name, entry in json.loads((folder / "run.json").read_text()).items()}


def test_a_surprise_is_an_end_and_a_failure_is_not(planted, tmp_path):
    unjudged = f"failed with exit code {UNJUDGED}"
    planted(JUDGED, surprise="raise SystemExit(1)", failure=f"raise SystemExit({UNJUDGED})", last="")
    assert run("quick", tmp_path, minutes=1, say=quiet) == ["failure"]
    assert states(tmp_path) == {"surprise": "done", "failure": unjudged, "last": "done"}
    listed = steps("quick", tmp_path, ["jax"], ["float32"], benchmarks=True)
    assert [step.over for step in listed if step.name.startswith("claims")] == [JUDGED]


def test_a_benchmark_that_fails_is_not_done(planted, tmp_path):
    planted(broken="raise SystemExit(1)", last="")
    assert run("quick", tmp_path, minutes=1, say=quiet) == ["broken"]
    assert states(tmp_path) == {"broken": "failed with exit code 1", "last": "done"}


def test_a_page_that_cannot_be_written_is_left_to_do(planted, tmp_path):
    results = tmp_path / "out" / "results" / "quick" / "jax"
    results.mkdir(parents=True)
    planted(first=f"import pathlib; pathlib.Path({str(results)!r}, 'small.json').write_text('damaged')")
    said = []
    assert run("quick", tmp_path / "out", minutes=1, say=said.append) == ["report"]
    assert "report: failed with exit code" in said[-1]


def test_where_no_claim_is_judged_there_is_no_page_and_nothing_is_left(planted, tmp_path):
    planted(first="")
    said = []
    assert run("quick", tmp_path / "out", minutes=1, say=said.append) == []
    assert "no claim is judged in" in said[-1]
    assert not list((tmp_path / "out").rglob("README.md"))


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_run_that_is_ended_takes_its_step_with_it(planted, tmp_path, name):
    mark, before = tmp_path / "interrupted", signal.getsignal(getattr(signal, name))
    # The step itself ends the run, as `timeout`, Slurm or a closed terminal would.
    kill = f"import os, signal; os.kill({os.getpid()}, signal.{name}); time.sleep(60)"
    planted(long=LONG.replace("sys.argv[1]", repr(str(mark))).replace("time.sleep(60)", kill), never="")
    with pytest.raises(SystemExit) as caught:
        run("quick", tmp_path / "out", minutes=1, say=quiet)
    assert caught.value.code == 128 + getattr(signal, name)
    assert mark.exists()
    assert signal.getsignal(getattr(signal, name)) == before


def test_tf32_needs_a_gpu_before_anything_runs(planted, tmp_path, monkeypatch):
    log = planted(first="")
    monkeypatch.setattr(running.backends, "device", lambda name: "cpu")
    with pytest.raises(InvalidValue, match="--precision: expected 'float32': jax trains on the cpu here"):
        run("quick", tmp_path / "out", minutes=1, precisions=("float32", "tf32"), say=quiet)
    assert not log.read_text()
    monkeypatch.setattr(running.backends, "device", lambda name: "NVIDIA H100")
    assert run("quick", tmp_path / "out", minutes=1, precisions=("float32", "tf32"), say=quiet) == []


def test_time_runs_out_on_a_step_that_is_interrupted_and_taken_up_again(planted, tmp_path):
    mark = tmp_path / "interrupted"
    planted(first="", long=LONG.replace("sys.argv[1]", repr(str(mark))), never="")
    began = time.monotonic()
    said = []
    assert run("quick", tmp_path / "out", minutes=0.2, say=said.append) == ["long", "never"]
    assert time.monotonic() - began < 50  # the step itself would take 60 seconds
    assert mark.exists()  # as Ctrl-C: it could write down what it knew
    assert states(tmp_path / "out") == {"first": "done", "long": "interrupted"}
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
