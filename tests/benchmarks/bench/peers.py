"""The peers, used as their own documentation says: Keras' ``fit``, pythae's trainer, and two mixture densities.

Each is a class with ``name``, ``threads`` and ``run() -> seconds``. What a peer does once a training (building the
model, starting up, compiling, writing files) is left out of its time.
"""

from __future__ import annotations

import itertools
import logging
import os
import tempfile
import time
from importlib.util import find_spec
from typing import Any

import numpy as np

from bench import setting
from study.types import FEATURES
from study.vae.config import VAEConfig


def keras_vae(config: VAEConfig) -> Any:
    """An ordinary VAE in Keras: ``Dense`` layers, a sampling layer that adds the KL, Adam, one model."""
    import keras
    from keras import layers, ops

    class Sampling(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.seed_generator = keras.random.SeedGenerator(1337)

        def call(self, inputs: Any) -> Any:
            mean, log_var = inputs
            kl = -0.5 * ops.sum(1 + log_var - ops.square(mean) - ops.exp(log_var), axis=-1)
            self.add_loss(ops.mean(kl))
            noise = keras.random.normal(ops.shape(mean), seed=self.seed_generator)
            return mean + ops.exp(0.5 * log_var) * noise

    def negative_log_likelihood(x: Any, logits: Any) -> Any:
        return ops.sum(ops.softplus(logits) - x * logits, axis=-1)

    inputs = hidden = keras.Input((FEATURES[config.data],))
    for _ in range(config.encoder_depth):
        hidden = layers.Dense(config.encoder_width, activation=config.activation)(hidden)
    hidden = Sampling()([layers.Dense(config.latent_dim)(hidden), layers.Dense(config.latent_dim)(hidden)])
    for _ in range(config.decoder_depth):
        hidden = layers.Dense(config.decoder_width, activation=config.activation)(hidden)
    vae = keras.Model(inputs, layers.Dense(FEATURES[config.data])(hidden))
    vae.compile(optimizer=keras.optimizers.Adam(config.learning_rate), loss=negative_log_likelihood)
    return vae


class KerasFit:
    """``keras.Model.fit`` of one model on the backend at hand, with Keras' own defaults for compilation."""

    name = "Keras fit"

    def __init__(self, config: VAEConfig, epochs: int) -> None:
        """Build the model, and compile it by a first epoch."""
        self.images, self.epochs = setting.images_of(config), epochs
        self.steps, self.models, self.threads = epochs * len(self.images) // config.batch_size, 1, setting.threads()
        self.batch = config.batch_size
        self.vae = keras_vae(config)
        self._fit(1)

    def run(self) -> float:
        """Train; return the seconds from the beginning of the first epoch."""
        return self._fit(self.epochs)

    def _fit(self, epochs: int) -> float:
        import keras

        class Clock(keras.callbacks.Callback):
            started = 0.0

            def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
                self.started = self.started or time.perf_counter()

        clock = Clock()
        with setting.quiet():
            self.vae.fit(self.images, self.images, batch_size=self.batch, epochs=epochs, verbose=0, callbacks=[clock])
        setting.synchronise(self.vae.trainable_variables[0].value)
        return time.perf_counter() - clock.started


class Pythae:
    """pythae's ``BaseTrainer`` on one model of the same layers; torch only."""

    name = "pythae"

    def __init__(self, config: VAEConfig, epochs: int) -> None:
        """Build the model and warm up by a first epoch."""
        os.environ.setdefault("TQDM_DISABLE", "1")
        self.config, self.epochs, self.images = config, epochs, setting.images_of(config)
        self.steps, self.models, self.threads = epochs * len(self.images) // config.batch_size, 1, setting.threads()
        self._train(1)

    def run(self) -> float:
        """Train; return the seconds from the beginning of the first epoch to the end of the last."""
        return self._train(self.epochs)

    def _train(self, epochs: int) -> float:
        with setting.quiet(), tempfile.TemporaryDirectory() as folder:
            logging.disable(logging.INFO)
            try:
                return _pythae_seconds(self.config, self.images, epochs, folder)
            finally:
                logging.disable(logging.NOTSET)


def _pythae_seconds(config: VAEConfig, images: np.ndarray, epochs: int, folder: str) -> float:
    import torch
    from pythae.data.datasets import BaseDataset
    from pythae.models import VAE
    from pythae.models import VAEConfig as PythaeConfig
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder
    from pythae.trainers import BaseTrainer, BaseTrainerConfig
    from pythae.trainers.training_callbacks import TrainingCallback

    features = FEATURES[config.data]

    def network(first: int, width: int, depth: int) -> Any:
        sizes = [first, *[width] * depth]
        hidden = [(torch.nn.Linear(i, o), torch.nn.ReLU()) for i, o in itertools.pairwise(sizes)]
        return torch.nn.Sequential(*(layer for pair in hidden for layer in pair))

    class Encoder(BaseEncoder):
        def __init__(self) -> None:
            super().__init__()
            self.hidden = network(features, config.encoder_width, config.encoder_depth)
            self.mean, self.log_var = (torch.nn.Linear(config.encoder_width, config.latent_dim) for _ in range(2))

        def forward(self, x: Any) -> Any:
            hidden = self.hidden(x)
            return ModelOutput(embedding=self.mean(hidden), log_covariance=self.log_var(hidden))

    class Decoder(BaseDecoder):
        def __init__(self) -> None:
            super().__init__()
            self.hidden = network(config.latent_dim, config.decoder_width, config.decoder_depth)
            self.output = torch.nn.Linear(config.decoder_width, features)

        def forward(self, z: Any) -> Any:
            return ModelOutput(reconstruction=torch.sigmoid(self.output(self.hidden(z))))

    class Clock(TrainingCallback):
        started = ended = 0.0

        def on_epoch_begin(self, *args: Any, **kwargs: Any) -> None:
            self.started = self.started or time.perf_counter()

        def on_epoch_end(self, *args: Any, **kwargs: Any) -> None:
            setting.synchronise()
            self.ended = time.perf_counter()

    model = VAE(
        PythaeConfig(input_dim=(features,), latent_dim=config.latent_dim, reconstruction_loss="bce"),
        encoder=Encoder(),
        decoder=Decoder(),
    )
    clock = Clock()
    settings = BaseTrainerConfig(
        output_dir=folder,
        num_epochs=epochs,
        per_device_train_batch_size=config.batch_size,
        learning_rate=config.learning_rate,
    )
    data = BaseDataset(torch.tensor(images), torch.zeros(len(images)))
    BaseTrainer(model, data, training_config=settings, callbacks=[clock]).train()
    return clock.ended - clock.started


def trainers(config: VAEConfig, epochs: int, backend: str) -> tuple[list[Any], dict[str, str]]:
    """The peers that train on a backend, ready to run; and those that cannot, each with its reason."""
    found: list[Any] = [KerasFit(config, epochs)]
    skipped = {}
    if backend == "torch":
        if find_spec("pythae") is None:
            skipped[Pythae.name] = "pythae is not installed; tox -e bench-torch installs it"
        else:
            found.append(Pythae(config, epochs))
    return found, skipped


class ScikitLearn:
    """``GaussianMixture.score_samples`` with diagonal covariances, float64, on all the cores."""

    name = "scikit-learn"

    def __init__(self, mean: np.ndarray, log_var: np.ndarray) -> None:
        """Set the mixture's parameters as ``fit`` would have."""
        from sklearn.mixture import GaussianMixture

        self.threads = setting.cores()
        self.mixture = GaussianMixture(len(mean), covariance_type="diag")
        self.mixture.weights_ = np.full(len(mean), 1 / len(mean))
        self.mixture.means_ = mean
        self.mixture.covariances_ = np.exp(log_var)
        self.mixture.precisions_cholesky_ = np.exp(-0.5 * log_var)

    def log_density(self, z: np.ndarray) -> np.ndarray:
        """Log density at ``z`` (point, latent), nats."""
        return self.mixture.score_samples(z)


class TorchDistributions:
    """``torch.distributions.MixtureSameFamily``, float32 (torch's default), as many points at once as 0.5 GiB holds."""

    name = "torch.distributions"

    def __init__(self, mean: np.ndarray, log_var: np.ndarray) -> None:
        """Build the mixture."""
        import torch
        from torch import distributions

        as_tensor = lambda array: torch.tensor(array, dtype=torch.float32)  # noqa: E731
        components = distributions.Independent(distributions.Normal(as_tensor(mean), as_tensor(0.5 * log_var).exp()), 1)
        self.mixture = distributions.MixtureSameFamily(
            distributions.Categorical(logits=torch.zeros(len(mean))), components, validate_args=False
        )
        self.threads, self.at_once = torch.get_num_threads(), max(1, 2**29 // (4 * mean.size))

    def log_density(self, z: np.ndarray) -> np.ndarray:
        """Log density at ``z`` (point, latent), nats."""
        import torch

        with torch.no_grad():
            parts = torch.tensor(z, dtype=torch.float32).split(self.at_once)
            return torch.cat([self.mixture.log_prob(part) for part in parts]).cpu().numpy()
