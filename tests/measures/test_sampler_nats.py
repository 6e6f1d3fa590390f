"""Held-out log p(x) of a VAE whose prior a sampler replaces."""

from __future__ import annotations

import numpy as np
from planted import compared, measured

from study.testing import Loses, Planted

NATS = np.array([-20.0, -21.0])


def of(found):
    def both(sampler, reference, accuracy):
        assert sampler == reference  # its own gap alone decides on the stage
        return found

    return both


def test_the_gap_lies_above():
    gap = np.array([0.1, 0.0])
    found = measured("sampler_nats", {"compared_nats": of(compared(nats=NATS, gap=gap))})
    np.testing.assert_allclose(found.low, NATS)
    np.testing.assert_allclose(found.high, NATS + gap)


PLANTED = Planted({"compared_nats": of(compared(nats=NATS))}, NATS, 1e-12)
LOSES = Loses({"compared_nats": of(compared(nats=NATS - 10))}, below=-25)
