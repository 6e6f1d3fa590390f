"""The tail index of the weights behind a sampler's nats."""

from __future__ import annotations

import numpy as np
import pytest
from planted import compared, nats

from study.errors import InvalidValue
from study.measures.pareto_k import pareto_k
from study.testing import Loses, Planted

IMAGES = compared(pareto=np.stack([np.linspace(0, 1, 101), np.full(101, -1.0)]))
PLANTED = Planted({"compared_nats": nats(IMAGES)}, np.array([0.95, -1.0]), 1e-12, {"sampler": "gaussian"})
# Weights whose mean does not settle.
LOSES = Loses(
    {"compared_nats": nats(compared(pareto=np.full((2, 101), 1.4)))}, above=0.7, arguments={"sampler": "gaussian"}
)


def test_another_percentile_is_checked():
    assert pareto_k(nats(IMAGES), sampler="gaussian", percentile=50.0)[0] == pytest.approx(0.5)
    with pytest.raises(InvalidValue, match="percentile"):
        pareto_k(nats(IMAGES), sampler="gaussian", percentile=101.0)
