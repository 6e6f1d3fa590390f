"""Log likelihoods of images under many latents each, compiled by Keras on whichever backend."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from study.types import Array, Float32
from study.vae.model import VAE

_AT_ONCE = 1_000
"""Draws a step."""
_IMAGES = 30
"""Images a step; one after the other within it, so that what their latents decode to stays in the cache."""


class Scoring(keras.Model):
    """log p(x|z) of a VAE; Keras compiles its ``predict`` where the backend can."""

    def __init__(self, vae: VAE) -> None:
        """Take a VAE, whose weights at every call count."""
        super().__init__()
        self.vae = vae

    def call(self, inputs: dict[str, Any]) -> Any:
        """Return log p(x|z), nats, ``(n, replica, draw)``.

        Args:
            inputs: x ``(n, replica, feature)`` and z ``(n, replica, draw, latent)``.
        """

        def of_one_image(pair: Any) -> Any:
            x, z = pair
            return self.vae.log_likelihood_stacked(x[:, None], self.vae.decode_stacked(z))

        return ops.map(of_one_image, (inputs["x"], inputs["z"]))

    def log_likelihood(self, x: Float32, z: Array) -> Array:
        """Return log p(x|z), nats, computed in float32.

        Args:
            x: Images ``(n, feature)``, the same for all replicas, or ``(replica, n, feature)``.
            z: Latents ``(replica, n, draw, latent)``.

        Returns:
            ``(replica, n, draw)``.
        """
        by_image = np.broadcast_to(x, (len(z), *x.shape[-2:])).swapaxes(0, 1).astype(np.float32)
        latents = z.swapaxes(0, 1)
        out = np.empty(z.shape[:3])
        for i in range(0, len(latents), _IMAGES):
            # Whole steps only, since every new shape is compiled; the last one's surplus is an image once more.
            rows = np.minimum(np.arange(i, i + _IMAGES), len(latents) - 1)
            kept = min(_IMAGES, len(latents) - i)
            for k in range(0, z.shape[2], _AT_ONCE):
                some = {"x": by_image[rows], "z": latents[rows, :, k : k + _AT_ONCE].astype(np.float32)}
                out[:, i : i + kept, k : k + _AT_ONCE] = self.predict_on_batch(some)[:kept].swapaxes(0, 1)
        return out
