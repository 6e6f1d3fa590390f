"""The study's own training, as ``study.vae.training.loop`` runs it, less initial weights and the final check."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from bench import setting
from study.vae.config import VAEConfig
from study.vae.initial import initial_weights
from study.vae.training.loop import _program, chunks_for


class Ours:
    """A block of replicas; a round trains ``config.epochs`` epochs, the host's randomness included.

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
        self.randomness = partial(chunks_for, self.program, config, images, indices)
        self.steps = config.epochs * (len(images) // config.batch_size)
        self.models, self.threads = replicas, setting.threads()

    def run(self) -> None:
        """Train one round."""
        for chunk in self.randomness():
            trace = self.program.run(chunk)
            if not np.isfinite(trace.negative_elbo).all():
                raise ArithmeticError("the loss became non-finite")
        self.finish()

    def finish(self) -> None:
        """Wait for the device: the losses have been read back already, the last weights perhaps not yet computed."""
        values = getattr(self.program, "values", None) or self.program.variables[0].value
        setting.synchronise((values, getattr(self.program, "state", None)) if isinstance(values, list) else values)
