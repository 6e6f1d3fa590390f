"""Replica-stacked layers: many independently seeded networks in one matrix product."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="study")
class ReplicaDense(keras.layers.Layer):
    """A dense layer with one kernel per replica.

    The replica axis comes first inside: ``(replica, batch, in) → (replica, batch, units)``, or
    ``(batch, in)``, shared by all replicas, ``→ (replica, batch, units)``.

    The kernel starts at zero: :func:`study.vae.initial.initial_weights` draws each replica's
    own ``(in, units)`` kernel, because Keras' initialisers read a stacked kernel as a convolution
    and scale it wrongly.
    """

    def __init__(self, units: int, replicas: int, activation: str | None = None, **kwargs: Any) -> None:
        """Describe the layer.

        Args:
            units: Output units of each replica.
            replicas: Number of replicas.
            activation: Name of a Keras activation; None for an affine layer.
            **kwargs: Passed on to ``keras.layers.Layer``.
        """
        super().__init__(**kwargs)
        self.units = units
        self.replicas = replicas
        self.activation = keras.activations.get(activation)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the stacked kernel ``(replica, in, units)`` and bias ``(replica, 1, units)``."""
        shape = (self.replicas, input_shape[-1], self.units)
        self.kernel = self.add_weight(shape=shape, initializer="zeros", name="kernel")
        self.bias = self.add_weight(shape=(self.replicas, 1, self.units), initializer="zeros", name="bias")
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Apply every replica's affine map and the activation."""
        return self.activation(ops.add(ops.matmul(inputs, self.kernel), self.bias))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return ``(replica, batch, units)``."""
        return (self.replicas, input_shape[-2], self.units)

    def get_config(self) -> dict[str, Any]:
        """Return what the constructor needs."""
        return {
            **super().get_config(),
            "units": self.units,
            "replicas": self.replicas,
            "activation": keras.activations.serialize(self.activation),
        }
