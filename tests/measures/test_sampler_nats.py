"""Held-out log p(x) of a VAE whose prior a sampler replaces."""

from __future__ import annotations

import numpy as np
from planted import compared

from study.testing import Loses, Planted

NATS = np.array([-20.0, -21.0])


def of(found):
    def both(sampler, reference, accuracy):
        assert sampler == reference  # its own gap alone decides on the stage
        return found

    return both


PLANTED = Planted({"compared_nats": of(compared(nats=NATS))}, NATS, 1e-12)
LOSES = Loses({"compared_nats": of(compared(nats=NATS - 10))}, below=-25)
