"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import uuid
from pathlib import Path


def publish(path: Path, content: bytes | str) -> None:
    r"""Write a file beside its place and rename it, so that a reader never sees half of it; the last writer wins.

    Args:
        path: The file; folders above it are made.
        content: Bytes, or text, which is written as UTF-8 with ``\n`` at the ends of lines on every system.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not `tempfile`: its files are private to the user, and results are for everyone.
    draft = path.with_name(f".{path.name[:60]}.{uuid.uuid4().hex}.tmp")
    try:
        with draft.open("xb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
