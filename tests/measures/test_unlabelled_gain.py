"""What as many Gaussians as classes gain without labels: two clusters are found, and one is not split in two."""

from __future__ import annotations

import numpy as np
import pytest
from planted import measured, spread
from quilts import clusters, over_one_gaussian

from study.testing import Loses, Planted

PLANTED = Planted(clusters(), over_one_gaussian(3.0), 0.05, sample_order=False)
LOSES = Loses({**clusters(), "train": (Q := spread(4000, 2, 0.1)), "heldout_redraws": Q}, below=0.05)


@pytest.mark.parametrize("told", [True, False])
def test_labels_count_for_nothing(told):
    found = measured("unlabelled_gain", clusters(key="a", told=told)).low
    np.testing.assert_allclose(found, over_one_gaussian(3.0), atol=0.05)
