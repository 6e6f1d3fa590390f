"""What training and measuring a block takes: arithmetic, and memory."""

from __future__ import annotations

from collections.abc import Collection

from study.types import FEATURES
from study.vae.config import BLOCK, VAEConfig

AT_ONCE = 2_000
"""Latents that the panel ``generation`` decodes in one call, per replica."""
RANDOMNESS = 2 * 64 * 2**20
"""Bytes of order and noise: at most, a chunk here and its copy on the device (:mod:`study.vae.training.program`)."""


def epochs(config: VAEConfig) -> int:
    """Return the epochs that a block is trained for at most: whole windows."""
    return -(-config.max_epochs // config.window_epochs) * config.window_epochs


def flop(config: VAEConfig, images: int) -> float:
    """Return the floating-point operations of training a block, at most: it may converge earlier.

    A parameter takes part in one multiplication and one addition per image in the forward pass, and in twice as
    many in the backward pass: 6 · parameters · images seen, for each replica.

    Args:
        config: The VAE.
        images: Training images.
    """
    batch = min(config.batch_size, images)
    return 6.0 * config.parameter_count * batch * (images // batch) * epochs(config) * BLOCK


def memory(config: VAEConfig, images: int, heldout: int, panels: Collection[str]) -> int:
    """Return an estimate of the bytes that a worker's arrays take, beside what the framework itself does.

    Args:
        config: The VAE.
        images: Training images.
        heldout: Held-out images.
        panels: What is measured.
    """
    features = FEATURES[config.data]
    # Weights, gradients and Adam's two moments, float32; the data as loaded and as treated.
    state = 4 * 4 * BLOCK * config.parameter_count
    data = 2 * 4 * (images + heldout) * features
    widths = config.encoder_width * config.encoder_depth + config.decoder_width * config.decoder_depth
    # Each activation, its gradient and a temporary.
    training = 3 * 4 * BLOCK * config.batch_size * (widths + 3 * config.latent_dim + 2 * features) + RANDOMNESS
    # Means and log-variances, as they are kept (float32) and computed with (float64); decoded images, both ways.
    measuring = 2 * 12 * BLOCK * (images + heldout) * config.latent_dim
    if "generation" in panels:
        measuring += 2 * 12 * BLOCK * max(AT_ONCE, heldout) * features
    return state + data + max(training, measuring)
