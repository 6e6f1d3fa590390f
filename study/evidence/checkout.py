"""What git says of a folder or a file; nothing where there is no checkout, or no git."""

from __future__ import annotations

import subprocess
from pathlib import Path


def source(folder: Path) -> tuple[str | None, bool | None]:
    """Return commit and state of the checkout that holds a folder, ``results`` left out; None for what is not known."""
    top = _git(folder, "rev-parse", "--show-toplevel")
    if top is None:
        return None, None
    status = _git(Path(top), "status", "--porcelain", "--", ".", ":(exclude)results")
    commit = _git(Path(top), "rev-parse", "--verify", "--quiet", "HEAD")
    return commit, None if status is None else bool(status)


def own_source(folder: Path) -> tuple[str | None, bool | None]:
    """Return the same of a checkout whose top the folder is: an installed package may lie inside another project's."""
    top = _git(folder, "rev-parse", "--show-toplevel")
    return source(folder) if top is not None and Path(top).resolve() == folder.resolve() else (None, None)


def committed(file: Path) -> bool:
    """Whether a file is committed as it stands."""
    tracked = _git(file.parent, "ls-tree", "--name-only", "HEAD", "--", file.name)
    return bool(tracked) and _git(file.parent, "status", "--porcelain", "--", file.name) == ""


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],  # noqa: S607 (the git that the user has on the path)
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
