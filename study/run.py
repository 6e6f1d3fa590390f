"""The whole study in one go: benchmarks, claims and page into one folder, inside a time limit, resumable.

It needs the repository (for ``claims/`` and ``tests/benchmarks/``) and the installed packages. Each step is a process
of its own; a step that time runs out on is interrupted as by Ctrl-C, which keeps what is trained, and taken up again by
the next call with the same folder.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from study import backends
from study.errors import EvidenceError, InvalidValue
from study.evidence.manifest import REPOSITORY
from study.files import publish

STATE = "run.json"
GRACE = 60.0
"""Seconds that an interrupted step has to write down what it knows, before it is killed."""
LISTENING = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""What a step begins with: a shell that starts us in the background has us, and our children, ignore Ctrl-C."""
DONE = (0, 1)
"""Exit codes of pytest with which a step is over; 1 is a verdict against its prediction, which is a finding."""


@dataclass(frozen=True)
class Step:
    """One process of a run.

    Attributes:
        name: Its name in the state file, e.g. ``claims jax float32``.
        command: Arguments, without the Python interpreter.
        environment: Environment variables on top of this process's.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]


def steps(scale: str, output: Path, names: Sequence[str], precisions: Sequence[str], *, benchmarks: bool) -> list[Step]:
    """List the steps of a run: the benchmarks, which are short, then the claims, on every backend.

    Args:
        scale: ``quick``, ``standard`` or ``full``.
        output: Folder that everything is written under: ``results``, ``results-tf32`` and ``cache``.
        names: Backends.
        precisions: ``float32``, ``tf32``, or both.
        benchmarks: Whether to measure speed as well.
    """
    found: list[Step] = []
    for name in names if benchmarks else ():
        record = output / "results" / "benchmarks" / f"{name}.json"
        command = ("-m", "pytest", "tests/benchmarks", "-k", "not claims", "--benchmark-json", str(record))
        found.append(Step(f"benchmarks {name}", command, {"KERAS_BACKEND": name}))
    for precision in precisions:
        for name in names:
            results = output / ("results" if precision == "float32" else f"results-{precision}")
            options = ("--study-scale", scale, "--study-results", str(results), "--study-cache", str(output / "cache"))
            claims = ("-m", "pytest", "claims/", *options, "--study-precision", precision)
            found.append(Step(f"claims {scale} {name} {precision}", claims, {"KERAS_BACKEND": name}))
    return found


def run(
    scale: str,
    output: Path,
    *,
    minutes: float,
    names: Sequence[str] = (),
    precisions: Sequence[str] = ("float32",),
    benchmarks: bool = False,
    say: Callable[[str], None] = print,
) -> list[str]:
    """Run what is not yet done, until it is or the time is over; then write the pages of what there is.

    Args:
        scale: ``quick``, ``standard`` or ``full``.
        output: Folder that everything is written under; one that an earlier run wrote is gone on with.
        minutes: Time limit, in minutes, for this call.
        names: Backends; none for all that are installed.
        precisions: ``float32``, ``tf32``, or both.
        benchmarks: Whether to measure speed as well.
        say: Told what goes on, a line at a time.

    Returns:
        Names of the steps that are not done.

    Raises:
        InvalidValue: Wrong arguments, or no repository.
        EvidenceError: The state file of the folder is damaged.
    """
    if not (minutes > 0):
        raise InvalidValue("--minutes", minutes, "a number > 0")
    if not (REPOSITORY / "claims").is_dir():
        raise InvalidValue("claims", str(REPOSITORY / "claims"), "a checkout of the repository, installed with -e")
    there = backends.installed()
    if missing := [name for name in names if name not in there]:
        raise InvalidValue("--backend", missing[0], f"an installed backend, one of {', '.join(there) or 'none'}")
    if not (names or there):
        raise InvalidValue("--backend", None, "an installed backend; pip install 'vae-claims[jax]' adds one")
    # What is left over is for an interrupted step to end in, and for the pages.
    end = time.monotonic() + 60 * minutes - min(1.5 * GRACE, 15 * minutes)
    output = output.resolve()
    state = _read(output / STATE)
    listed = steps(scale, output, names or there, precisions, benchmarks=benchmarks)
    for step in listed:
        if state.get(step.name) == "done":
            say(f"{step.name}: done before")
            continue
        if end - time.monotonic() <= 0:
            break
        say(f"{step.name}: python {' '.join(step.command)}")
        (output / "results" / "benchmarks").mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        code = _process(step, end - began)
        state[step.name] = (
            "done" if code in DONE else "interrupted" if code is None else f"failed with exit code {code}"
        )
        publish(output / STATE, json.dumps(state, indent=2) + "\n")
        say(f"{step.name}: {state[step.name]} after {(time.monotonic() - began) / 60:.1f} min")
    for folder in sorted({output / "results", *output.glob("results-*")}):
        if any(folder.glob("*/*/*.json")):
            _process(Step("report", ("-m", "study", "report", "--results", str(folder)), {}), GRACE * 5)
    return [step.name for step in listed if state.get(step.name) != "done"]


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise EvidenceError(f"{path}: expected the state of an earlier run, received {error}.") from error
    if not isinstance(content, dict):
        raise EvidenceError(f"{path}: expected the state of an earlier run, received a {type(content).__name__}.")
    return content


def _process(step: Step, seconds: float) -> int | None:
    """Run a step; return its exit code, or None where it was interrupted for want of time."""
    process = subprocess.Popen(
        [sys.executable, "-c", LISTENING, *step.command],
        cwd=REPOSITORY,
        env={**os.environ, **step.environment},
        start_new_session=True,
    )
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:  # also on Ctrl-C of this process
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
