"""Keras' own ``fit`` on the same orders and noise as the compiled loop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from study.errors import InvalidValue
from study.seeds import ROOT
from study.vae.config import VAEConfig
from study.vae.training.program import Chunk
from study.vae.training.randomness import checked_images, chunks
from study.vae.training.schedule import warmup


class ReplicaDataset(keras.utils.PyDataset):
    """Minibatches for ``VAE.fit``: each replica has its own order and noise.

    Yields ``{"x": (batch, replica, feature), "noise": (batch, replica, latent)}``.
    Use one per model, with ``shuffle=False``, an optimiser with the step sizes of :func:`annealed`, and
    :class:`KLWarmup` if the config warms up. It holds the config's epochs, and no more.
    """

    def __init__(
        self, config: VAEConfig, images: NDArray[np.float32], replicas: Sequence[int], root: str = ROOT, **kwargs: Any
    ) -> None:
        """Take the training images ``(n, feature)``, the replica indices and the seed root."""
        super().__init__(**kwargs)
        images = checked_images(config, images)
        self.epochs = config.epochs
        self.randomness = chunks(config, images, replicas, root)
        self.steps = len(images) // min(config.batch_size, len(images))
        self.chunk: Chunk = next(self.randomness)
        self.row = -self.steps  # the first epoch has not begun

    def __len__(self) -> int:
        """Return the number of minibatches in an epoch."""
        return self.steps

    def __getitem__(self, index: int) -> tuple[dict[str, NDArray[np.float32]]]:
        """Return minibatch ``index`` of the present epoch."""
        row = max(self.row, 0) + index
        x = self.chunk.images[self.chunk.order[row]].astype(np.float32)
        return ({"x": x.swapaxes(0, 1), "noise": self.chunk.noise[row].swapaxes(0, 1)},)

    def on_epoch_begin(self) -> None:
        """Move on to this epoch's randomness; Keras calls ``on_epoch_end`` before the first epoch, too."""
        self.row += self.steps
        if self.row >= len(self.chunk.order):
            following = next(self.randomness, None)
            if following is None:
                raise InvalidValue("epochs", f"more than {self.epochs}", f"at most the config's {self.epochs}")
            self.chunk, self.row = following, 0


def annealed(config: VAEConfig, images: int) -> keras.optimizers.schedules.CosineDecay:
    """Return the step sizes of a training on so many images, for a Keras optimiser."""
    steps = config.epochs * (images // min(config.batch_size, images))
    return keras.optimizers.schedules.CosineDecay(config.learning_rate, steps)


class KLWarmup(keras.callbacks.Callback):
    """Raise the KL weight linearly over the config's warm-up epochs."""

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Set the factor of the KL weight for this epoch."""
        del logs
        self.model.warmup.assign(warmup(self.model.config, epoch))
