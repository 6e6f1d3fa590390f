"""Logits of every size, and quadrature on the pixels' range."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from keras import ops
from scipy import special

LOGITS = np.array([-1e4, -40, -7, -1, -0.2, -0.0501, -0.0499, -1e-3, 0, 1e-4, 0.0499, 0.0501, 0.6, 3, 25, 1e4])


def to_float64(value: object) -> np.ndarray:
    return ops.convert_to_numpy(value).astype(np.float64)


@pytest.fixture(scope="session")
def given() -> SimpleNamespace:
    """Logits; Gauss-Legendre nodes and weights on [0, 1]; and ``numpy``, which converts a tensor to float64."""
    nodes, weights = special.roots_legendre(200)
    return SimpleNamespace(logits=LOGITS, unit=(nodes + 1) / 2, weights=weights / 2, numpy=to_float64)
