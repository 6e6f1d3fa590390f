"""A tiny VAE that takes 20 steps, and images for it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from study.vae.config import VAEConfig


@pytest.fixture(scope="session")
def small() -> VAEConfig:
    return VAEConfig(latent_dim=2, encoder_width=8, decoder_width=8, batch_size=16, epochs=5, learning_rate=0.01)


@pytest.fixture(scope="session")
def images() -> NDArray[np.float32]:
    """64 binary images of four kinds, so that there is something to encode."""
    rng = np.random.default_rng(1)
    kinds = rng.uniform(0.05, 0.95, (4, 64))
    return (rng.random((64, 64)) < np.repeat(kinds, 16, axis=0)).astype(np.float32)
