"""The stacked layer is one dense layer per replica."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import ops

from study.vae.layers import ReplicaDense


@pytest.mark.parametrize("stacked", [True, False], ids=["own inputs", "shared inputs"])
def test_each_replica_is_a_dense_layer(stacked: bool) -> None:
    rng = np.random.default_rng(1)
    layer = ReplicaDense(4, 3, "tanh")
    x = rng.normal(size=(3, 7, 5) if stacked else (7, 5)).astype(np.float32)
    layer.build(x.shape)
    kernel, bias = rng.normal(size=(3, 5, 4)), rng.normal(size=(3, 1, 4))
    layer.kernel.assign(kernel)
    layer.bias.assign(bias)
    out = ops.convert_to_numpy(layer(x))
    assert out.shape == layer.compute_output_shape(x.shape) == (3, 7, 4)
    for i in range(3):
        expected = np.tanh((x[i] if stacked else x) @ kernel[i] + bias[i])
        np.testing.assert_allclose(out[i], expected, atol=1e-6)


def test_a_layer_is_rebuilt_from_its_config() -> None:
    layer = ReplicaDense(4, 3, "gelu", name="encoder_0")
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert isinstance(copy, ReplicaDense)
    assert copy.get_config() == layer.get_config()
    assert (copy.units, copy.replicas, copy.name, copy.activation) == (4, 3, "encoder_0", keras.activations.gelu)
