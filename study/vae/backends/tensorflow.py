"""Training on TensorFlow: an XLA-compiled step in a ``tf.range`` loop, traced once per architecture."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from study.types import Weights
from study.vae.config import VAEConfig
from study.vae.model import VAE
from study.vae.training.program import Chunk, Trace


def device() -> str:
    """Return what programs run on, e.g. ``cpu`` or ``cuda``."""
    return "cuda" if tf.config.list_logical_devices("GPU") else "cpu"


class Program:
    """See :class:`study.vae.training.program.Program`."""

    def __init__(self, config: VAEConfig, replicas: int) -> None:
        """Build the model and its optimiser; tracing waits for the first chunk."""
        self.model = VAE(config.replace(kl_weight=1.0), replicas)
        self.device = device()
        self.named = self.model.named_variables()
        self.variables = list(self.named.values())
        self.optimizer = keras.optimizers.Adam()
        self.optimizer.build(self.variables)
        self.fresh_state = [np.array(keras.ops.convert_to_numpy(v)) for v in self.optimizer.variables]
        self.step = tf.function(self._step, jit_compile=True)
        self.run_steps = tf.function(self._run_steps)

    def load(self, weights: Weights, kl_weights: Sequence[float], held: Collection[str] = ()) -> None:
        """Set the weights and forget the optimiser's state."""
        for path, variable in self.named.items():
            _overwrite(variable, weights[path])
        for variable, value in zip(self.optimizer.variables, self.fresh_state, strict=True):
            _overwrite(variable, value)
        self.model.kl_weight.assign(np.asarray(kl_weights, np.float32)[:, None])
        self.free = tf.constant([path not in held for path in self.named])

    def place(self, images: NDArray[np.float32]) -> Any:
        """Return the images as an array of the device, for many chunks."""
        return tf.constant(images)

    def run(self, chunk: Chunk) -> Trace:
        """Take one step per row of the chunk."""
        arrays = (self.free, chunk.images, chunk.order, chunk.noise, chunk.warmup, chunk.learning_rate)
        negative_elbo, rate = self.run_steps(*map(tf.convert_to_tensor, arrays))
        return Trace(negative_elbo.numpy(), rate.numpy())

    def weights(self) -> Weights:
        """Return the present weights."""
        return self.model.stacked_weights()

    def _step(self, free: Any, images: Any, order: Any, noise: Any, warmup: Any, learning_rate: Any) -> Any:
        x = tf.cast(tf.gather(images, order), tf.float32)
        self.model.warmup.assign(warmup)
        self.optimizer.learning_rate.assign(learning_rate)
        with tf.GradientTape() as tape:
            total, negative_elbo, rate = self.model.loss_stacked(x, noise)
        gradients = tape.gradient(total, [v.value for v in self.variables])
        # Adam does not move a weight that never had a gradient, to the bit.
        masked = [tf.where(free[i], gradient, 0.0) for i, gradient in enumerate(gradients)]
        self.optimizer.apply(masked, self.variables)
        return negative_elbo, rate

    def _run_steps(self, free: Any, images: Any, order: Any, noise: Any, warmup: Any, learning_rate: Any) -> Any:
        steps = tf.shape(order)[0]
        elbos = tf.TensorArray(tf.float32, size=steps)
        rates = tf.TensorArray(tf.float32, size=steps)
        for i in tf.range(steps):
            negative_elbo, rate = self.step(free, images, order[i], noise[i], warmup[i], learning_rate[i])
            elbos = elbos.write(i, negative_elbo)
            rates = rates.write(i, rate)
        return elbos.stack(), rates.stack()


def _overwrite(variable: keras.Variable, value: ArrayLike) -> None:
    """Set a variable where it lies.

    ``assign`` would put it where the last step had its intermediate results, and those would need more memory.
    """
    array = np.asarray(value)
    if array.ndim:
        variable.value.scatter_update(tf.IndexedSlices(tf.constant(array), tf.range(len(array))))
    else:
        variable.assign(array)
