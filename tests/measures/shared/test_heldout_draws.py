"""Draws of the aggregate posterior of the held-out images."""

from __future__ import annotations

import numpy as np
from planted import SEEDS, hole

from study.measures.shared.heldout_draws import heldout_draws


def test_the_purpose_and_count_are_those_of_all_evidence():
    seeds = {"held-out draws": SEEDS}.__getitem__
    np.testing.assert_array_equal(heldout_draws(hole(), seeds), hole().draw(SEEDS, 720))
