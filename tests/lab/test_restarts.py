"""Workers that loky replaces: expected, where any other warning is an error."""

from __future__ import annotations

import warnings

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
