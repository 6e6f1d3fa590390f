"""Training takes whole windows, and warm-up rises to one."""

from __future__ import annotations

import numpy as np

from study.vae.config import VAEConfig
from study.vae.training.schedule import epochs, warmup

CONFIG = VAEConfig(max_epochs=5, window_epochs=2, kl_warmup_epochs=3)


def test_training_takes_whole_windows() -> None:
    assert epochs(CONFIG) == 6
    assert epochs(CONFIG.replace(max_epochs=4)) == 4


def test_warm_up_rises_to_one_by_equal_steps() -> None:
    assert warmup(CONFIG, np.arange(6)).tolist() == [0.25, 0.5, 0.75, 1, 1, 1]
    assert warmup(CONFIG.replace(kl_warmup_epochs=0), 0) == 1
