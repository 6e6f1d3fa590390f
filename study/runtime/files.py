"""Files that are there whole or not at all."""

from __future__ import annotations

import glob
import os
import uuid
from contextlib import suppress
from pathlib import Path

LEFT = 3600.0
"""Age, in seconds, at which a draft is one that its writer left behind, which was killed."""


def publish(path: Path, content: bytes | str) -> None:
    r"""Write a file beside its place and rename it, so that a reader never sees half of it; the last writer wins.

    Args:
        path: The file; folders above it are made.
        content: Bytes, or text, which is written as UTF-8 with ``\n`` at the ends of lines on every system.

    Raises:
        OSError: It cannot be written; the file is named, and the old one is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not `tempfile`: its files are private to the user, and results are for everyone.
    start = f".{path.name[:60]}."
    draft = path.with_name(f"{start}{uuid.uuid4().hex}.tmp")
    try:
        with draft.open("xb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        sweep(draft, f"{glob.escape(start)}*.tmp", LEFT)
        draft.replace(path)
    except OSError as error:
        if error.errno is not None:  # which none but the system gives
            error.filename = str(path)
        raise
    finally:
        draft.unlink(missing_ok=True)


def sweep(own: Path, pattern: str, age: float) -> None:
    """Remove what killed processes left behind: files much older than one's own, by the clock of the disk they share.

    Args:
        own: A file that has just been written.
        pattern: Which files beside it.
        age: By how much they are older, in seconds.
    """
    for other in own.parent.glob(pattern):
        with suppress(OSError):  # another process was faster, or it is not ours to remove
            if own.stat().st_mtime - other.stat().st_mtime > age:
                other.unlink()
