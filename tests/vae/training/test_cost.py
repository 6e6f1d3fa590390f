"""What a block takes: against counts by hand, and bounds that an estimate of memory must keep."""

from __future__ import annotations

import pytest

from study.vae.config import VAEConfig
from study.vae.training.cost import flop, memory

CONFIG = VAEConfig(latent_dim=2, encoder_width=4, decoder_width=4, epochs=6, batch_size=100)


def test_flop_are_those_of_the_matrix_products() -> None:
    """Forward 2, backward 4 a parameter and image; 3 whole batches of 350 images; 6 epochs; 8 replicas."""
    parameters = 64 * 4 + 4 + 4 * 4 + 4 + 2 * 4 + 4 + 4 * 64 + 64
    assert CONFIG.parameter_count == parameters
    assert flop(CONFIG, 350) == 6 * parameters * 300 * 6 * 8
    assert flop(CONFIG.replace(batch_size=1000), 350) == 6 * parameters * 350 * 6 * 8


@pytest.mark.parametrize("change", [{"encoder_width": 512}, {"batch_size": 4096}, {"latent_dim": 64}])
def test_what_is_larger_takes_more_memory(change: dict[str, int]) -> None:
    assert memory(CONFIG.replace(**change), 1437, 360) > memory(CONFIG, 1437, 360)


def test_memory_holds_what_must_be_held() -> None:
    """All images, as loaded and as treated; and the posteriors of all, in both precisions."""
    mnist = VAEConfig(data="mnist", latent_dim=2)
    assert memory(mnist, 60_000, 10_000) > 2 * 70_000 * 784 * 4
    assert memory(mnist.replace(latent_dim=64), 60_000, 10_000) > 70_000 * (2 * 784 * 4 + 2 * 64 * 8 * 12)
