"""One draw of every training posterior."""

from __future__ import annotations

import numpy as np
from planted import SEEDS, hole

from study.measures.shared.training_draws import training_draws


def test_the_purpose_is_that_of_all_evidence():
    seeds = {"training draws": SEEDS}.__getitem__
    np.testing.assert_array_equal(training_draws(hole(), seeds), hole().draw(SEEDS))
