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


def none_for_growth() -> None:
    """Have loky let this worker grow: it compiles programs and keeps them, and a new one would compile them again.

    loky has no setting for that, only this private switch; where it is gone, workers are replaced as :func:`expected`.
    """
    from joblib.externals.loky import process_executor

    process_executor._USE_PSUTIL = False
