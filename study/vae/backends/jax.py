"""Training on JAX: one ``lax.scan`` over the steps of a chunk, compiled once per architecture."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import jax
import keras
import numpy as np
from jax import numpy as jnp
from numpy.typing import NDArray

from study.types import Weights
from study.vae.config import VAEConfig
from study.vae.model import VAE
from study.vae.training.program import Chunk, Trace


def device() -> str:
    """Return what programs run on, e.g. ``cpu`` or ``cuda``."""
    return jax.default_backend().replace("gpu", "cuda")


class Program:
    """See :class:`study.vae.training.program.Program`."""

    def __init__(self, config: VAEConfig, replicas: int) -> None:
        """Build the model and its optimiser; compilation waits for the first chunk."""
        self.model = VAE(config.replace(kl_weight=1.0), replicas)
        self.device = device()
        self.paths = list(self.model.named_variables())
        self.variables = list(self.model.named_variables().values())
        self.optimizer = keras.optimizers.Adam()
        self.optimizer.build(self.variables)
        state = enumerate(self.optimizer.variables)
        self.rate_at = next(i for i, variable in state if variable is self.optimizer.learning_rate)
        self.run_steps = jax.jit(self._run_steps, donate_argnums=(0, 1))

    def load(self, weights: Weights, kl_weights: Sequence[float], held: Collection[str] = ()) -> None:
        """Set the weights and forget the optimiser's state."""
        self.values, self.state = [], []  # the last block's go before this one's come
        self.values = [jnp.array(weights[path]) for path in self.paths]
        # Copies, since a chunk consumes what it is given.
        self.state = [jnp.array(variable.value) for variable in self.optimizer.variables]
        self.kl_weights = jnp.array(np.asarray(kl_weights, np.float32)[:, None])
        self.free = jnp.array([path not in held for path in self.paths])

    def place(self, images: NDArray[np.float32]) -> Any:
        """Return the images as an array of the device, for many chunks."""
        return jnp.asarray(images)

    def run(self, chunk: Chunk) -> Trace:
        """Take one step per row of the chunk."""
        self.values, self.state, (negative_elbo, rate) = self.run_steps(
            self.values,
            self.state,
            self.kl_weights,
            self.free,
            chunk.images,
            (chunk.order, chunk.noise, chunk.warmup, chunk.learning_rate),
        )
        return Trace(np.asarray(negative_elbo), np.asarray(rate))

    def weights(self) -> Weights:
        """Return the present weights."""
        return {path: np.array(value) for path, value in zip(self.paths, self.values, strict=True)}

    def _run_steps(self, values: Any, state: Any, kl_weights: Any, free: Any, images: Any, rows: Any) -> Any:
        def loss(values: Any, x: Any, noise: Any, warmup: Any) -> Any:
            mapping = [
                *zip(self.variables, values, strict=True),
                (self.model.kl_weight, kl_weights),
                (self.model.warmup, warmup),
            ]
            with keras.StatelessScope(state_mapping=mapping):
                total, negative_elbo, rate = self.model.loss_stacked(x, noise)
            return total, (negative_elbo, rate)

        def step(carry: Any, inputs: Any) -> Any:
            values, state = carry[0], list(carry[1])
            order, noise, warmup, state[self.rate_at] = inputs
            x = images[order].astype(jnp.float32)
            (_, trace), gradients = jax.value_and_grad(loss, has_aux=True)(values, x, noise, warmup)
            # Adam does not move a weight that never had a gradient, to the bit.
            gradients = [jnp.where(free[i], gradient, 0.0) for i, gradient in enumerate(gradients)]
            values, state = self.optimizer.stateless_apply(state, gradients, values)
            return (values, state), trace

        (values, state), trace = jax.lax.scan(step, (values, state), rows)
        return values, state, trace
