"""What a sampler in place of the prior is worth, between both gaps."""

from __future__ import annotations

import numpy as np
from planted import compared, nats

from study.measures.nats_gain import nats_gain
from study.testing import Loses, Planted

GAIN = np.array([0.1, -0.05])
PLANTED = Planted({"compared_nats": nats(compared(gain=GAIN))}, GAIN, 1e-12, {"sampler": "gaussian"})
# Collapsed: every sampler is worth the same.
LOSES = Loses({"compared_nats": nats(compared())}, below=0.01, arguments={"sampler": "gaussian"})


def test_what_is_not_known_widens_the_bracket():
    found = nats_gain(nats(compared(gain=GAIN, gap=np.full(2, 0.02), reference_gap=np.full(2, 0.01))), sampler="g")
    np.testing.assert_allclose(found.low, GAIN - 0.01)  # the reference may be better
    np.testing.assert_allclose(found.high, GAIN + 0.02)  # and so may the sampler
