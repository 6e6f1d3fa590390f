"""Draws of every training posterior alike."""

from __future__ import annotations

import numpy as np
from planted import SEEDS, hole, spread

from study.measures.shared.training_draws import training_draws

OWN = {"training draws": SEEDS}.__getitem__
"""The purpose is that of all evidence."""


def test_every_posterior_is_drawn_alike_ten_thousand_draws_or_one_each():
    np.testing.assert_array_equal(training_draws(hole(), OWN), hole().draw(SEEDS, 10_000))
    assert training_draws(spread(1437, 2, 0.1), OWN).shape == (3, 7 * 1437, 2)
    assert training_draws(spread(12_000, 2, 0.1), OWN).shape == (3, 12_000, 2)
