"""The whole study in one go: benchmarks, claims and page into one folder, inside a time limit, resumable.

It needs the repository (for ``claims/`` and ``tests/benchmarks/``) and the installed packages. Each step is a process
of its own; a step that time runs out on is interrupted as by Ctrl-C, which keeps what is trained, and taken up again by
the next call with the same folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from study.errors import EvidenceError, InvalidValue
from study.evidence.manifest import REPOSITORY
from study.evidence.store import Store
from study.runtime import backends
from study.runtime.files import publish

STATE = "run.json"
GRACE = 60.0
"""Seconds that an interrupted step has to write down what it knows, before it is killed."""
LISTENING = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""What a step begins with: a shell that starts us in the background has us, and our children, ignore Ctrl-C."""
PAGES = 30.0
"""Seconds kept for the pages."""
JUDGED = (0, 1)
"""Exit codes of pytest with which all claims are judged; 1 is a verdict against its prediction, which is a finding. A
claim that could not be judged has one of its own (:data:`study.plugin.UNJUDGED`)."""
REPORT = "report"


@dataclass(frozen=True)
class Step:
    """One process of a run.

    Attributes:
        name: Its name in the state file, e.g. ``claims jax float32``.
        command: Arguments, without the Python interpreter.
        environment: Environment variables on top of this process's.
        over: Exit codes with which it need not be run again.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    over: Collection[int] = (0,)


def steps(scale: str, output: Path, names: Sequence[str], precisions: Sequence[str], *, benchmarks: bool) -> list[Step]:
    """List the steps of a run: the benchmarks, file by file, which are short, then the claims, on every backend.

    Args:
        scale: ``quick``, ``standard`` or ``full``.
        output: Folder that everything is written under: ``results``, ``results-tf32`` and ``cache``.
        names: Backends.
        precisions: ``float32``, ``tf32``, or both.
        benchmarks: Whether to measure speed as well.
    """
    found: list[Step] = []
    files = sorted((REPOSITORY / "tests" / "benchmarks").glob("test_*.py")) if benchmarks else []
    for name in names:
        for file in files:
            what = file.stem.removeprefix("test_")
            if what == "tox":  # of the project, not of the study
                continue
            record = output / "results" / "benchmarks" / f"{name}-{what}.json"
            path = file.relative_to(REPOSITORY).as_posix()
            command = ("-m", "pytest", path, "-k", "not claims", "--benchmark-json", str(record))
            found.append(Step(f"benchmark {what} {name}", command, {"KERAS_BACKEND": name}))
    for precision in precisions:
        for name in names:
            results = output / ("results" if precision == "float32" else f"results-{precision}")
            options = ("--study-scale", scale, "--study-results", str(results), "--study-cache", str(output / "cache"))
            claims = ("-m", "pytest", "claims/", *options, "--study-precision", precision)
            found.append(Step(f"claims {scale} {name} {precision}", claims, {"KERAS_BACKEND": name}, JUDGED))
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
        Names of the steps that are not done; ``report`` among them where a page could not be written.

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
    for name in (names or there) if "tf32" in precisions else ():
        if (device := backends.device(name)) == "cpu":
            raise InvalidValue(
                "--precision", "tf32", f"'float32': {name} trains on the {device} here, which has no other"
            )
    deadline = time.monotonic() + 60 * minutes
    # What is left over is for an interrupted step to end in, and for the pages.
    end = deadline - min(GRACE + PAGES, 15 * minutes)
    output = output.resolve()
    state, source = _read(output / STATE), _source_digest()
    listed = steps(scale, output, names or there, precisions, benchmarks=benchmarks)

    def entry(step: Step, how: str) -> dict[str, str]:
        versions = (f"{name} {backends.backend_version(name)}" for name in ("keras", step.environment["KERAS_BACKEND"]))
        return {"state": how, "with": ", ".join([f"source {source}", *versions])}

    def done(step: Step) -> bool:
        return state.get(step.name) == entry(step, "done")

    with _heeding_signals():
        for step in listed:
            if done(step):
                say(f"{step.name}: done before")
                continue
            if end - time.monotonic() <= 0:
                break
            say(f"{step.name}: python {' '.join(step.command)}")
            (output / "results" / "benchmarks").mkdir(parents=True, exist_ok=True)
            began = time.monotonic()
            code = _process(step, end - began, min(GRACE, max(deadline - end - PAGES, 1.0)))
            how = "done" if code in step.over else "interrupted" if code is None else f"failed with exit code {code}"
            state[step.name] = entry(step, how)
            publish(output / STATE, json.dumps(state, indent=2) + "\n")
            say(f"{step.name}: {how} after {(time.monotonic() - began) / 60:.1f} min")
        left = [step.name for step in listed if not done(step)]
        return left + [REPORT] * (not _pages(output, deadline, say))


def _pages(output: Path, deadline: float, say: Callable[[str], None]) -> bool:
    """Write the page of each results folder in which a claim is judged; return whether all could be."""
    whole = True
    for folder in sorted({output / "results", *output.glob("results-*")}):
        if not _judged(folder):
            say(f"no claim is judged in {folder}; `study benchmarks --results {folder}` lists what was timed")
        else:
            step = Step(REPORT, ("-m", "study", "report", "--results", str(folder)), {})
            code = _process(step, max(deadline - time.monotonic(), 1.0), 1.0)
            if code != 0:
                whole = False
                how = "interrupted for want of time" if code is None else f"failed with exit code {code}"
                say(f"{REPORT}: {how}; `study report --results {folder}` writes the page")
    return whole


def _judged(folder: Path) -> bool:
    try:
        return bool(Store(folder).rows())
    except EvidenceError:
        return True  # the page says what is damaged


def _source_digest() -> str:
    """Tell apart what made the numbers: what other code has done is done again, from what the cache still holds."""
    digest = hashlib.sha256()
    for folder in ("study", "claims", "tests/benchmarks"):
        for path in sorted((REPOSITORY / folder).rglob("*.py")):
            digest.update(path.relative_to(REPOSITORY).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def _heeding_signals() -> Iterator[None]:
    """Be ended by a hang-up, or by whoever asks us to end, as by Ctrl-C: not without the step that runs."""

    def stop(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        numbers = []  # no other may listen
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _read(path: Path) -> dict[str, object]:
    if not path.exists():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise EvidenceError(f"{path}: expected the state of an earlier run, received {error}.") from error
    if not isinstance(content, dict):
        raise EvidenceError(f"{path}: expected the state of an earlier run, received a {type(content).__name__}.")
    return content


def _process(step: Step, seconds: float, grace: float) -> int | None:
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
                process.wait(grace)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
