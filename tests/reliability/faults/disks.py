"""Disks that are what a test needs: full, read-only, or without permission; by namespaces of Linux, without root."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from faults.project import Run

NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")
FULL = """
mount -t tmpfs -o size="$1" none "$2" || exit 99
disk="$2" kept="$3"
shift 3
"$@"
status=$?
cp -a "$disk/." "$kept"
exit $status
"""
READ_ONLY = """
mount --bind "$2" "$2" || exit 99
seconds="$1" disk="$2"
shift 2
"$@" &
sleep "$seconds"
while kill -0 $! 2> /dev/null && ! mount -o remount,bind,ro "$disk" 2> /dev/null; do sleep 0.01; done
wait $!
"""
PLAIN = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")
"""Root without its right to write where it has no permission; others have none anyway."""


def spaces() -> bool:
    """Whether one may have a namespace with mounts of its own here."""
    return (
        bool(shutil.which("unshare"))
        and not subprocess.run(
            [*NAMESPACE, "mount", "-t", "tmpfs", "none", "/mnt"], check=False, capture_output=True
        ).returncode
    )


def full(size: int, disk: Path, kept: Path) -> Sequence[str]:
    """Return what runs a command with a folder on a disk of so many bytes; what was on it is kept in another."""
    disk.mkdir(parents=True, exist_ok=True)
    kept.mkdir()
    return (*NAMESPACE, "sh", "-c", FULL, "sh", str(size), str(disk), str(kept))


def read_only(seconds: float, disk: Path) -> Sequence[str]:
    """Return what runs a command during which a folder turns read-only after so many seconds."""
    disk.mkdir(parents=True, exist_ok=True)
    return (*NAMESPACE, "sh", "-c", READ_ONLY, "sh", f"{seconds:.3f}", str(disk))


def plain() -> Sequence[str]:
    """Return what runs a command to which permissions apply, whoever one is."""
    return PLAIN if os.geteuid() == 0 else ()


def forbid(disk: Path, run: Run, seconds: float) -> list[Path]:
    """Take the permission to write from a folder and all in it after so many seconds of a run; return these folders."""
    time.sleep(seconds)
    if run.process.poll() is not None:
        return []
    disk.mkdir(parents=True, exist_ok=True)
    found = [disk, *(path for path in disk.rglob("*") if path.is_dir())]
    for path in found:
        path.chmod(0o555)
    return found
