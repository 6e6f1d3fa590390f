"""Importance weights that are none."""

from __future__ import annotations

import numpy as np
import pytest

from study.errors import InvalidValue
from study.measures.tools.weights import checked


@pytest.mark.parametrize("weights", [np.full((1, 2, 3), np.nan), np.zeros((2, 3)), np.zeros((1, 0, 3))])
def test_bad_weights_are_refused(weights):
    with pytest.raises(InvalidValue, match="log_weights"):
        checked(weights)
