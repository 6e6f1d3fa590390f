"""The conftest.py of a project: it counts the writes of a run, and ends the run at one of them if it is told to.

``fault.json`` says at which write, and how: ``empty``, ``half`` or ``whole`` is what of the draft is on the disk then;
``renamed`` is a cut of power after the draft took the file's place: what was not flushed to the disk is not on it.
``fails`` is a disk that takes no more from this write on, and says why by an error number.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
from pathlib import Path

from study.design.profile import load_profile

load_profile()

FAULT, WRITES = Path("fault.json").resolve(), Path("writes.json").resolve()
told = json.loads(FAULT.read_text(encoding="utf-8")) if FAULT.exists() else {"write": None, "at": ""}
FAULT.unlink(missing_ok=True)
written: list[str] = []
flushed: set[int] = set()
real_fsync, real_replace = os.fsync, os.replace


def end() -> None:
    WRITES.write_text(json.dumps(written), encoding="utf-8")
    os.kill(os.getpid(), signal.SIGKILL)


def fsync(descriptor: int) -> None:
    kept = {"empty": 0.0, "half": 0.5, "whole": 1.0}.get(told["at"])
    if len(written) == told["write"] and kept is not None:
        os.ftruncate(descriptor, int(kept * os.fstat(descriptor).st_size))
        end()
    if told["at"] == "fails" and len(written) >= told["write"]:
        raise OSError(told["error"], os.strerror(told["error"]))
    real_fsync(descriptor)
    flushed.add(os.fstat(descriptor).st_ino)


def replace(draft: Path | str, path: Path | str, **options: int) -> None:
    if Path(draft).suffix != ".tmp":
        return real_replace(draft, path, **options)
    on_disk = Path(draft).stat().st_ino in flushed
    real_replace(draft, path, **options)
    written.append(Path(path).name)
    if len(written) - 1 == told["write"] and told["at"] == "renamed":
        if not on_disk:
            os.truncate(path, 0)
        end()
    return None


os.fsync, os.replace = fsync, replace
atexit.register(lambda: WRITES.write_text(json.dumps(written), encoding="utf-8"))
