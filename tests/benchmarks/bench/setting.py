"""The two sizes, their images, and what every record says of backend, device and threads."""

from __future__ import annotations

import os
import warnings
from functools import lru_cache
from typing import Any

import numpy as np

from bench import floor
from study.runtime import backends
from study.runtime.precision import PRECISIONS
from study.runtime.threads import cores
from study.types import FEATURES
from study.vae.config import VAEConfig
from study.vae.networks import _contract as networks

CONFIGS = {
    "digits": VAEConfig(
        data="digits", latent_dim=8, encoder_width=128, encoder_depth=2, decoder_width=128, decoder_depth=2
    ),
    "mnist": VAEConfig(
        data="mnist", latent_dim=8, encoder_width=500, encoder_depth=2, decoder_width=500, decoder_depth=2
    ),
}
"""Digits: 64-128-128-8, MNIST: 784-500-500-8; the decoder mirrors the encoder."""
IMAGES = {"digits": 11 * 128, "mnist": 20 * 128}
"""Whole minibatches only, since Keras and pythae train on a last partial one and the study leaves it out."""
SYNTHETIC = "random binary pixels of the data set's shape: no time here depends on what is on the images"

SYNCHRONISED = {
    "tensorflow": "losses and a trained variable are read back by .numpy()",
    "jax": "losses are read back as NumPy arrays, weights and optimiser state waited for by jax.block_until_ready",
    "torch": "losses are read back by .cpu(), then torch.cuda.synchronize() where there is a GPU",
}
"""How every timing waits for the device."""


@lru_cache
def images(count: int, features: int) -> np.ndarray:
    """Random binary images ``(count, features)``."""
    return (np.random.default_rng(20261122).random((count, features)) < 0.3).astype(np.float32)


def images_of(config: VAEConfig, count: int | None = None) -> np.ndarray:
    """Images for a config: as many as its size has here, or ``count``."""
    return images(count or IMAGES[config.data], FEATURES[config.data])


def layers(config: VAEConfig) -> list[tuple[int, int]]:
    """Inputs and outputs of each layer, in the order of computation."""
    return [(layer.fan_in, layer.fan_out) for layer in networks.load(config.network).layers(config).values()]


def threads() -> int:
    """Threads that a program of the backend at hand uses."""
    import keras

    if keras.backend.backend() == "torch":
        import torch

        return torch.get_num_threads()
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        told = tf.config.threading.get_intra_op_parallelism_threads()
        return told or int(os.environ.get("TF_NUM_INTRAOP_THREADS", cores()))
    return int(os.environ.get("NPROC", cores()))


def precision() -> str:
    """Precision of matrix products that this process was told."""
    told = (name for name, environment in PRECISIONS.items() if environment.items() <= os.environ.items())
    return next(told, "as the backend has it")


@lru_cache
def facts() -> dict[str, Any]:
    """What every record says: backend, device, threads, precision, and how the device is waited for."""
    import keras

    backend = keras.backend.backend()
    return {
        "backend": backend,
        "backend_version": backends.backend_version(backend),
        "keras_version": keras.__version__,
        "device": backends.device(backend),
        "cores": cores(),
        "threads": threads(),
        "precision": precision(),
        "synchronised": SYNCHRONISED[backend],
    }


def synchronise(value: Any = None) -> None:
    """Wait until the device has done what was asked of it, ``value`` included."""
    import keras

    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        jax.block_until_ready(value)
    elif backend == "torch":
        import torch

        if torch.cuda.is_available():
            torch.cuda.synchronize()
    elif value is not None:
        keras.ops.convert_to_numpy(value)


def gpu_peak() -> float | None:
    """Peak memory that arrays of this process have taken on the first GPU so far, in MiB; None without one."""
    import keras

    backend, taken = keras.backend.backend(), None
    if backend == "jax":
        import jax

        device = jax.devices()[0]
        taken = device.memory_stats()["peak_bytes_in_use"] if device.platform == "gpu" else None
    elif backend == "torch":
        import torch

        taken = torch.cuda.max_memory_allocated() if torch.cuda.is_available() else None
    else:
        import tensorflow as tf

        if tf.config.list_logical_devices("GPU"):
            taken = tf.config.experimental.get_memory_info("GPU:0")["peak"]
    return None if taken is None else taken / 2**20


def work(config: VAEConfig, replicas: int, steps: int, programs: int = 1) -> dict[str, float]:
    """FLOP and bytes of a round: what the floor is made of."""
    models, parameters = replicas * programs, config.parameter_count
    return {
        "parameters": parameters,
        "flop": steps * floor.step_flop(parameters, config.batch_size, models),
        "needed_flop": steps * floor.needed_flop(layers(config), config.batch_size, models),
        "bytes": steps * floor.optimiser_bytes(parameters, models),
    }


def quiet() -> Any:
    """Silence other people's warnings, which fail our tests; to be used in a ``with`` statement."""
    return warnings.catch_warnings(action="ignore")
