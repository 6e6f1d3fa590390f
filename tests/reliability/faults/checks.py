"""What must hold after a fault; whatever does not is an error that says how bad that is."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from faults.outcomes import Left, Lost, Silent
from faults.project import ROWS, Project, Run
from study.evidence.figure_data import LatentPlane
from study.evidence.store import Store as Results
from study.lab.store import Store

DAYS = 2 * 86_400.0


READERS = {
    ".json": lambda store, path: store._values(path, _about(path.read_bytes()).get("key", "")),
    ".safetensors": lambda store, path: store._arrays(path, _key(path.read_bytes())),
}
"""What reads a file of the cache, whichever block's it is."""


def check_whole(project: Project) -> None:
    """Read every file of results and cache that is not a draft.

    Raises:
        Lost: One is half-written.
    """
    results = Results(project.results)
    try:
        list(results.evidence())
        results.manifests()
        results.figure_data(LatentPlane)
    except ValueError as error:
        raise Lost(f"half-written: {error}") from error
    store = Store(project.cache)
    for path in (path for path in project.cache.rglob("*") if path.is_file() and not path.name.startswith(".")):
        if path.suffix in READERS:
            READERS[path.suffix](store, path)
    if store.damaged:
        raise Lost(f"half-written: {store.damaged}")


def check_reported(project: Project, run: Run) -> None:
    """Find every row that was reported in the evidence.

    Raises:
        Lost: One is not there.
    """
    content = project.evidence
    rows = {row["parameters"]["measure"] for row in json.loads(content)["rows"]} if content else set()
    if missing := run.reported - rows:
        raise Lost(f"reported, and not in the evidence: {sorted(missing)}")


def check_gone(run: Run) -> None:
    """Wait until nothing runs that a killed run had started.

    Raises:
        Left: Something does.
    """
    if found := run.left():
        raise Left(f"still running: {[' '.join(one.cmdline()) for one in found]}")


def age(project: Project) -> None:
    """Let days pass for all drafts and probes: at once, a run must take them for those of another beside it."""
    for path in (*project.folder.rglob(".*.tmp"), *project.cache.glob("probe-*")):
        os.utime(path, (time.time() - DAYS,) * 2)


def check_same(project: Project, run: Run, undisturbed: dict[str, bytes]) -> None:
    """Compare what a run left with what an undisturbed one did.

    Raises:
        Silent: The run ended well, and some file has other bytes.
        Left: A draft, a probe or a lock is left behind.
        AssertionError: The run failed.
    """
    if run.process.returncode != 0:
        raise AssertionError(f"the next run failed:\n{run.output}")
    if run.reported != set(ROWS):
        raise Silent(f"reported {run.reported} of {ROWS}:\n{run.output}")
    found = project.files()
    if extra := found.keys() - undisturbed.keys():
        raise Left(f"left behind: {sorted(extra)}")
    if other := sorted(name for name in undisturbed if found.get(name) != undisturbed[name]):
        raise Silent(f"other than in an undisturbed run: {other}")
    if len(project.manifest().get("rows", ())) != len(ROWS):
        raise Silent(f"rows are missing in the manifest: {project.manifest()}")
    for path in project.cache.rglob("lock"):
        try:
            with FileLock(path, blocking=False):
                pass
        except Timeout as error:
            raise Left(f"{_short(path)} is still held") from error


def _short(path: Path) -> str:
    return "/".join(path.parts[-2:])


def _key(content: bytes) -> str:
    header = _about(content[8 : 8 + int.from_bytes(content[:8], "little")])
    return _about(header.get("__metadata__", {}).get("about", "")).get("key", "")


def _about(text: bytes | str) -> dict[str, Any]:
    """Read JSON; nothing where it is none, which the store finds by itself."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
