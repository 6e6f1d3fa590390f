"""A scheduler and a worker of somebody else, by the command lines of docs/cluster.md."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from faults.project import SECONDS


class Scheduler:
    """Both processes; the worker ends with the scheduler."""

    def __init__(self, file: Path) -> None:
        """Start them, and wait for the file."""
        self.file, self.processes = file, []
        file.unlink(missing_ok=True)
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0")
        end = time.monotonic() + SECONDS
        while not file.exists():
            if time.monotonic() > end:
                raise TimeoutError(f"dask scheduler: no {file.name} after {SECONDS} s")
            time.sleep(0.05)
        self._start("worker", "--nthreads", "1", "--nworkers", "1", "--no-nanny", "--death-timeout", "5")

    def _start(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "dask", *arguments, "--scheduler-file", str(self.file), "--no-dashboard"]
        told = {"cwd": self.file.parent, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.processes.append(subprocess.Popen(command, start_new_session=True, **told))

    def kill(self) -> None:
        """Kill the scheduler, and leave the worker alone."""
        self.processes[0].kill()
        self.processes[0].wait()

    def close(self) -> None:
        """Kill both."""
        for process in self.processes:
            process.kill()
            process.wait()


@contextmanager
def scheduler(file: Path) -> Iterator[Scheduler]:
    """Start a scheduler and a worker, and end them whatever happens."""
    found = Scheduler(file)
    try:
        yield found
    finally:
        found.close()
