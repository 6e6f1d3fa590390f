"""A tiny project of claims, run in a process of its own, and what it leaves behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from study.testing import OF_AN_OUTER_RUN, Example
from study.verdicts.kinds import Verdict

ROWS = ("rate", "kl_percentile")
CLAIM = f'''
"""Claim: a tiny VAE says something of its images."""

import pytest
from hypothesis import given

from study import Claim, Context, Estimand

CLAIM = Claim(
    id="tiny", statement="", source="", chapter="", parameters={{"measure": {ROWS}}},
    estimand=lambda measure: Estimand(0.0, "nats"),
    design=[Context.of(kl_weight=weight, latent_dim=2, width=4, epochs=2) for weight in (0.5, 1.0)],
)


@pytest.mark.parametrize("measure", CLAIM.parameters["measure"])
@given(context=CLAIM.contexts())
def test_tiny(lab, measure, context):
    vae = lab.run(context)
    lab.observe(CLAIM, vae.value(measure))
    if measure == "rate":
        lab.show("latent_plane", vae)
'''
WORDS = "|".join(Verdict)
HOOK = Path(__file__).with_name("hook.py")
SECONDS = 300
"""Seconds that a run may take on a machine that does other things as well."""
GONE = 60
"""Seconds within which what a killed run had started must have ended."""


@dataclass
class Project:
    """A folder with a claim, and runs of it by one and the same command.

    Attributes:
        folder: The folder.
        workers: What ``--study-workers`` is told.
        within: Command before the one that runs pytest, which ends as that does.
    """

    folder: Path
    workers: str = "1"
    within: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Write it, unless it is there."""
        if not (self.folder / "claims").exists():
            Example({"claims/test_tiny.py": CLAIM, "conftest.py": HOOK.read_text(encoding="utf-8")}, self.folder)

    @property
    def results(self) -> Path:
        return self.folder / "results" / "local"

    @property
    def cache(self) -> Path:
        return self.folder / ".study-cache"

    @property
    def evidence(self) -> bytes:
        """The content of the one file of evidence; nothing where there is none."""
        found = list(self.results.glob("*/*/tiny.json"))
        return found[0].read_bytes() if found else b""

    @property
    def writes(self) -> list[str]:
        """Names of the files that the last run wrote, in order."""
        return json.loads((self.folder / "writes.json").read_bytes())

    def tell(self, **fault: object) -> None:
        """Have the next run end itself at a write: see ``hook.py``."""
        (self.folder / "fault.json").write_text(json.dumps(fault), encoding="utf-8")

    @contextmanager
    def running(self, *options: str, output: str = "output.txt") -> Iterator[Run]:
        """Run pytest in a session of its own, and end it whatever happens."""
        told = {name: value for name, value in os.environ.items() if not name.startswith(OF_AN_OUTER_RUN)}
        command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "--study-workers", self.workers]
        written = self.folder / output
        with written.open("wb") as file:
            process = subprocess.Popen(
                [*self.within, *command, *options],
                cwd=self.folder,
                env=told | {"PYTHONDONTWRITEBYTECODE": "1"},
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        run = Run(process, written)
        try:
            yield run
        finally:
            run.kill()

    def run(self, *options: str) -> Run:
        """Run pytest to its end."""
        with self.running(*options) as run:
            run.ended()
        return run

    def files(self) -> dict[str, bytes]:
        """Return what lies in results and cache, by path; nothing that tells times, dates or whose run it was."""
        found: dict[str, bytes] = {}
        for top in (self.results, self.cache):
            for path in (path for path in top.rglob("*") if path.is_file()):
                timed = path.name in ("manifest.json", "training.json", "lock")
                found[path.relative_to(self.folder).as_posix()] = b"" if timed else path.read_bytes()
        return found

    def manifest(self) -> dict[str, object]:
        """Return the one manifest; nothing where there is none."""
        found = list(self.results.glob("*/*/manifest.json"))
        return json.loads(found[0].read_bytes()) if found else {}


@dataclass
class Run:
    """A run: its process, which leads a session, and what it has written."""

    process: subprocess.Popen[bytes]
    written: Path

    @property
    def output(self) -> str:
        return self.written.read_text(encoding="utf-8", errors="replace")

    @property
    def reported(self) -> set[str]:
        """Rows whose verdict was told to the user."""
        told = re.compile(rf"^claims/test_tiny\.py::test_tiny\[digits-(\w+)\] (?:{WORDS})", re.MULTILINE)
        return set(told.findall(self.output))

    @property
    def others(self) -> list[psutil.Process]:
        """Processes of its session, but for itself."""
        found = []
        for one in psutil.process_iter():
            with suppress(ProcessLookupError, psutil.Error):
                if os.getsid(one.pid) == self.process.pid != one.pid and one.status() != psutil.STATUS_ZOMBIE:
                    found.append(one)
        return found

    @property
    def workers(self) -> list[psutil.Process]:
        """Its worker processes on this machine, in the order in which they started."""
        found = []
        for one in self.others:
            with suppress(psutil.Error):
                if "spawn_main" in " ".join(one.cmdline()):
                    found.append((one.create_time(), one))
        return [one for _, one in sorted(found, key=lambda pair: pair[0])]

    def ended(self, seconds: float = SECONDS) -> int:
        """Wait for its end, and return its status."""
        return self.process.wait(timeout=seconds)

    def kill(self, *, alone: bool = False) -> None:
        """Kill it, and what it has started unless it is to be killed alone."""
        for one in [] if alone else self.others:
            with suppress(psutil.Error):
                one.kill()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def left(self) -> list[psutil.Process]:
        """Return what of its processes has not ended in time."""
        end = time.monotonic() + GONE
        while (found := self.others) and time.monotonic() < end:
            time.sleep(0.1)
        return found
