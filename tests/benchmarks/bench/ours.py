"""The study's own training, as ``study.vae.training.loop`` runs it, less initial weights and the convergence test."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench import setting
from study.vae.config import VAEConfig
from study.vae.initial import initial_weights
from study.vae.training.loop import _program, chunks_for
from study.vae.training.randomness import epochs_in_chunk


class Ours:
    """A block of replicas; a round trains ``config.window_epochs`` epochs, the host's randomness included.

    Attributes:
        steps: Steps of a round.
        models: Models trained in it.
        threads: Threads of the program.
    """

    def __init__(self, config: VAEConfig, replicas: int, count: int | None = None) -> None:
        """Build the program and load the initial weights; the first round compiles."""
        images = setting.images_of(config, count)
        indices = tuple(range(replicas))
        self.program: Any = _program(config.program(), replicas)
        self.program.load(initial_weights(config, indices), config.kl_weights(replicas))
        self.randomness = chunks_for(self.program, config, images, indices)
        self.chunks = config.window_epochs // epochs_in_chunk(config, len(images), replicas)
        self.steps = config.window_epochs * (len(images) // config.batch_size)
        self.models, self.threads = replicas, setting.threads()

    def run(self) -> None:
        """Train one round."""
        for _ in range(self.chunks):
            trace = self.program.run(next(self.randomness))
            if not np.isfinite(trace.negative_elbo).all():
                raise ArithmeticError("the loss became non-finite")
        self.finish()

    def finish(self) -> None:
        """Wait for the device: the losses have been read back already, the last weights perhaps not yet computed."""
        values = getattr(self.program, "values", None) or self.program.variables[0].value
        setting.synchronise((values, getattr(self.program, "state", None)) if isinstance(values, list) else values)
