"""Workers that loky replaces: expected, where any other warning is an error."""

from __future__ import annotations

import builtins
import os
import time
import warnings

import numpy as np
import pytest

from study.lab import restarts

# As loky says it.
SAID = "A worker stopped while some jobs were given to the executor. This can be caused by a too short worker timeout"


def test_a_replaced_worker_is_no_error_and_anything_else_is():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with restarts.expected():
            warnings.warn(SAID, UserWarning, stacklevel=1)
            with pytest.raises(UserWarning, match="another"):
                warnings.warn("another", UserWarning, stacklevel=1)
        with pytest.raises(UserWarning, match="A worker stopped"):
            warnings.warn(SAID, UserWarning, stacklevel=1)


@pytest.mark.parametrize("kept", [True, False])
def test_a_worker_that_grows_is_kept(kept):
    """What compiles programs grows; without being told, loky would start another that compiles them again."""
    pytest.importorskip("psutil")
    from joblib.externals.loky import ProcessPoolExecutor

    def grow():  # 400 MB, for good; loky looks once a second
        builtins.kept = np.ones(50_000_000)
        time.sleep(1.1)

    with restarts.expected():
        pool = ProcessPoolExecutor(max_workers=1, initializer=restarts.none_for_growth if kept else None)
        try:
            first = pool.submit(os.getpid).result()
            pool.submit(grow).result()
            workers = {pool.submit(os.getpid).result() for _ in range(3)}
        finally:
            pool.shutdown(kill_workers=True)
    assert (workers == {first}) is kept
