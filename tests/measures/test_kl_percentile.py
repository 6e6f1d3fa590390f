"""Percentiles over images of the per-sample KL."""

from __future__ import annotations

import numpy as np
from planted import rates

from study.measures.kl_percentile import kl_percentile
from study.testing import Loses, Planted

PLANTED = Planted({"heldout": rates(*range(101))}, 5.0, 1e-9)
# Every tenth image is encoded as the prior: the mean hides that, the percentile must not.
LOSES = Loses({"heldout": rates(*([0.0] + [10.0] * 9) * 10)}, below=1e-9)


def test_the_median_hides_what_the_percentile_shows():
    np.testing.assert_allclose(kl_percentile(rates(*range(101)), percentile=50.0), 50.0)
    np.testing.assert_allclose(kl_percentile(LOSES.needs["heldout"], percentile=50.0), 10.0)
