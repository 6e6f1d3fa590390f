"""Worker processes that loky replaces, when they have grown or been idle, are no error."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def expected() -> Iterator[None]:
    """Expect workers to be replaced.

    Where psutil is installed loky ends a worker that has grown by 300 MB, as one does that compiles programs, and
    starts another. It warns of that in a thread of its own; where warnings are errors, as in tests, the thread would
    end, and whoever waits for the workers would wait for ever.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "A worker stopped while some jobs were given", UserWarning)
        yield
