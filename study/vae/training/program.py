"""The one contract of training: what a program is given and gives back, on every backend.

A *program* trains one block of replicas, whole epochs at a time, on the randomness that the host gives it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from study.types import Float32, Weights
from study.vae.config import VAEConfig


@dataclass(frozen=True)
class Chunk:
    """The randomness of a few epochs.

    Attributes:
        images: ``(row, feature)``, the training images of these epochs, or each replica's own redraws of them; an
            array of the host or of the device, float32 in [0, 1], or 0 and 1 in uint8.
        order: ``(step, replica, batch)`` int32 indices of rows of the images.
        noise: ``(step, replica, batch, latent)`` standard normal draws.
        warmup: ``(step,)`` factors of the KL weight in [0, 1].
        learning_rate: ``(step,)`` step sizes.
    """

    images: Any
    order: NDArray[np.int32]
    noise: Float32
    warmup: Float32
    learning_rate: Float32


@dataclass(frozen=True)
class Trace:
    """What a program reports of each step, in nats.

    Attributes:
        negative_elbo: ``(step, replica)``.
        rate: ``(step, replica)``.
    """

    negative_elbo: Float32
    rate: Float32


class Program(Protocol):
    """A compiled training program for one architecture; weights, KL weights and step sizes are its inputs.

    Attributes:
        device: What it runs on, e.g. ``cpu`` or ``cuda``.
    """

    device: str

    def load(self, weights: Weights, kl_weights: Sequence[float], held: Collection[str] = ()) -> None:
        """Set the weights and forget the optimiser's state; those at the paths ``held`` stay, to the bit."""

    def place(self, images: Float32) -> Any:
        """Return the images as an array of the device, for many chunks."""

    def run(self, chunk: Chunk) -> Trace:
        """Take one step per row of the chunk."""

    def weights(self) -> Weights:
        """Return the present weights."""


MakeProgram = Callable[[VAEConfig, int], Program]


class Backend(Protocol):
    """What a module of ``study.vae.backends`` must hold.

    Attributes:
        Program: The class of its programs, called with a config and the number of replicas.
    """

    Program: MakeProgram

    def device(self) -> str:
        """Return what programs run on, e.g. ``cpu`` or ``cuda``."""
