"""The normal prior touches nothing."""

from __future__ import annotations

import numpy as np

from study.latent.priors import normal


def test_it_returns_what_it_is_given() -> None:
    u = np.zeros((2, 3))
    assert normal.forward(u, object()) is u  # type: ignore[arg-type]
    assert normal.inverse(u) is u
