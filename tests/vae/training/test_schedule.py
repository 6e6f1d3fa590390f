"""Warm-up rises to one, and the step size falls to zero."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.vae.config import VAEConfig
from study.vae.training.schedule import learning_rate, warmup

CONFIG = VAEConfig(epochs=6, kl_warmup_epochs=3, learning_rate=0.5)


def test_warm_up_rises_to_one_by_equal_steps() -> None:
    assert warmup(CONFIG, np.arange(6)).tolist() == [0.25, 0.5, 0.75, 1, 1, 1]
    assert warmup(CONFIG.replace(kl_warmup_epochs=0), 0) == 1


@given(st.integers(1, 500))
def test_the_step_size_falls_by_half_a_cosine(steps: int) -> None:
    """From the config's, by symmetric steps about half of it, to zero right after the last step."""
    found = learning_rate(CONFIG, np.arange(steps + 1), steps)
    assert (found[0], found[-1]) == (0.5, 0.0)
    assert (np.diff(found) < 0).all()
    assert found + found[::-1] == pytest.approx(0.5)
    assert found == pytest.approx(0.5 * np.sin(np.pi / 2 * (1 - np.arange(steps + 1) / steps)) ** 2, abs=1e-7)
