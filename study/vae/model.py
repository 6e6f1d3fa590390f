"""The variational autoencoder: a real ``keras.Model`` with a replica axis."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from numbers import Integral
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from study.errors import InvalidValue
from study.latent.priors import _contract as priors
from study.seeds import ROOT, generator
from study.seeds import seed as hashed
from study.types import FEATURES, Float32, Weights
from study.vae.config import BLOCK, VAEConfig
from study.vae.initial import initial_weights
from study.vae.layers import ReplicaDense
from study.vae.likelihoods import _contract as likelihoods
from study.vae.networks import _contract as networks


@keras.saving.register_keras_serializable(package="study")
class VAE(keras.Model):
    """Independently seeded replicas of one VAE, trained together.

    The replica axis comes first, as in all arrays of the study: :meth:`encode`, :meth:`decode` and :meth:`sample` take
    and give ``(replica, batch, …)``. Only what belongs to Keras, the call and with it ``fit``, ``predict`` and
    ``evaluate``, has the batch first, because Keras slices the first axis as the batch: it takes ``(batch, feature)``,
    shared by all replicas, or ``(batch, replica, feature)``, and gives ``(batch, replica, …)``. A dictionary
    ``{"x": …, "noise": (batch, replica, latent)}`` also fixes the noise of the latent draw. An array that fits only the
    other order is refused. Keep to one form with one VAE: Keras traces ``predict`` once on TensorFlow, for images of
    either rank but not of both.

    Source: Kingma and Welling, "Auto-encoding variational Bayes", 2014.
    """

    def __init__(
        self,
        config: VAEConfig | dict[str, Any],
        replicas: int | Sequence[int] = BLOCK,
        seed_root: str = ROOT,
        **kwargs: Any,
    ) -> None:
        """Build the networks, with their initial weights.

        Args:
            config: The VAE; or its dictionary form.
            replicas: How many replicas; or their indices, which fix their seeds.
            seed_root: The seed root.
            **kwargs: Passed on to ``keras.Model``.

        Raises:
            InvalidValue: If there is no replica, or ``kl_weight`` has another length.
        """
        super().__init__(**kwargs)
        self.config = config if isinstance(config, VAEConfig) else VAEConfig.from_dict(config)
        indices = range(replicas) if isinstance(replicas, int) else replicas
        if not isinstance(indices, Sequence) or not all(isinstance(one, Integral) for one in indices[:1]):
            raise InvalidValue("replicas", replicas, "at least one replica: how many, or a list of their indices")
        if not len(indices):
            raise InvalidValue("replicas", replicas, "at least one replica")
        self.config.check_fits(len(indices))
        self.replica_indices = tuple(indices)
        self.replicas = len(self.replica_indices)
        self.seed_root = seed_root
        config = self.config
        self._network = networks.load(config.network)
        self._likelihood = likelihoods.load(config.likelihood)
        self._prior = priors.load(config.prior)
        self.stack: dict[str, ReplicaDense] = {}
        for name, (fan_in, fan_out, activated) in self._network.layers(config).items():
            layer = ReplicaDense(fan_out, self.replicas, config.activation if activated else None, name=name)
            layer.build((self.replicas, None, fan_in))
            self.stack[name] = layer
        shape = (self.replicas, 1, FEATURES[config.data])
        self.pixel_variables = {
            name: self.add_weight(shape=shape, initializer="zeros", name=name) for name in self._likelihood.VARIABLES
        }
        self.kl_weight = self.add_weight(shape=(self.replicas, 1), trainable=False, name="kl_weight")
        self.warmup = self.add_weight(shape=(), initializer="ones", trainable=False, name="warmup")
        self.kl_weight.assign(np.asarray(config.kl_weights(self.replicas), np.float32)[:, None])
        self.noise_seed = keras.random.SeedGenerator(
            hashed(config.key, self.replica_indices[0], "call", root=seed_root) % 2**31
        )
        self.built = True
        self.load_stacked(initial_weights(config, self.replica_indices, seed_root))

    # Replica-first computation, shared by training, measures and the public call.

    def encode_stacked(self, x: Any) -> tuple[Any, Any]:
        """Map images to the posterior.

        Args:
            x: Images ``(batch, feature)`` or ``(replica, batch, feature)``.

        Returns:
            Mean and log-variance of q(z|x), each ``(replica, batch, latent)``.
        """
        both = self._network.encode(self.config, self.stack, x)
        latent = self.config.latent_dim
        return both[..., :latent], both[..., latent:]

    def decode_stacked(self, z: Any) -> Any:
        """Map latents to the decoder's output.

        Args:
            z: Latents ``(replica, batch, latent)``, in the coordinates in which the prior is N(0, I).

        Returns:
            The likelihood's parameters ``(replica, batch, feature)``.
        """
        return self._network.decode(self.config, self.stack, self._prior.forward(z, ops))

    def log_likelihood_stacked(self, x: Any, output: Any) -> Any:
        """Return log p(x|z) in nats, ``(replica, batch)``."""
        pixels = self._likelihood.log_likelihood(self.config, x, output, self.pixel_variables)
        return ops.sum(pixels, axis=-1)

    def image_mean_stacked(self, z: Any) -> Any:
        """Return the mean image E[x|z] ``(replica, batch, feature)``."""
        return self._likelihood.mean(self.decode_stacked(z))

    def elbo_terms_stacked(self, x: Any, noise: Any) -> tuple[Any, Any]:
        """Return the two terms of the ELBO for one latent draw.

        Args:
            x: Images ``(batch, feature)`` or ``(replica, batch, feature)``.
            noise: Standard normal noise ``(replica, batch, latent)``.

        Returns:
            log p(x|z) and KL(q(z|x) ‖ N(0, I)), nats, each ``(replica, batch)``; the ELBO is
            their difference.
        """
        reconstruction, kl, _ = self._decoded_terms(x, *self.encode_stacked(x), noise)
        return reconstruction, kl

    def _decoded_terms(self, x: Any, mean: Any, log_var: Any, noise: Any) -> tuple[Any, Any, Any]:
        """Return log p(x|z), the KL and the decoder's output for z = mean + scale × noise."""
        scale = ops.exp(ops.multiply(0.5, log_var))
        output = self.decode_stacked(ops.add(mean, ops.multiply(scale, noise)))
        excess = ops.subtract(ops.add(ops.square(mean), ops.square(scale)), ops.add(log_var, 1.0))
        return self.log_likelihood_stacked(x, output), ops.multiply(0.5, ops.sum(excess, axis=-1)), output

    def loss_stacked(self, x: Any, noise: Any) -> tuple[Any, Any, Any]:
        """Return what training minimises.

        Returns:
            The loss, a scalar: the sum over replicas of the batch mean of KL weight × KL − log
            p(x|z); and per replica the negative ELBO and the rate, nats, each ``(replica,)``.
        """
        reconstruction, kl = self.elbo_terms_stacked(x, noise)
        weighted = ops.subtract(ops.multiply(ops.multiply(self.kl_weight, self.warmup), kl), reconstruction)
        rate = ops.mean(kl, axis=-1)
        negative_elbo = ops.subtract(rate, ops.mean(reconstruction, axis=-1))
        return ops.sum(ops.mean(weighted, axis=-1)), negative_elbo, rate

    # The public face: the replica first, NumPy arrays.

    def encode(self, x: ArrayLike) -> tuple[Float32, Float32]:
        """Return mean and log-variance of q(z|x), each ``(replica, batch, latent)``.

        Args:
            x: Images ``(batch, feature)``, shared by all replicas, or ``(replica, batch, feature)``.

        Raises:
            InvalidValue: Arrays of another shape, e.g. with the batch first.
        """
        mean, log_var = self.encode_stacked(self._checked("x", x, FEATURES[self.config.data]))
        return np.asarray(ops.convert_to_numpy(mean)), np.asarray(ops.convert_to_numpy(log_var))

    def decode(self, z: ArrayLike) -> Float32:
        """Return the mean images E[x|z], ``(replica, batch, feature)``; draws of p(x|z) have noise besides.

        Args:
            z: Latents ``(batch, latent)``, shared by all replicas, or ``(replica, batch, latent)``.

        Raises:
            InvalidValue: Arrays of another shape, e.g. with the batch first.
        """
        mean = self.image_mean_stacked(self._checked("z", z, self.config.latent_dim))
        return np.asarray(ops.convert_to_numpy(mean))

    def sample(self, n: int, seed: int) -> Float32:
        """Return the mean images of ``n`` draws of the prior, each replica's own, ``(replica, n, feature)``.

        Args:
            n: Number of draws.
            seed: Equal seeds give equal draws.

        Raises:
            InvalidValue: A number of draws that is none.
        """
        if not isinstance(n, int) or isinstance(n, bool) or n < 1:
            raise InvalidValue("n", n, "an integer ≥ 1")
        keys = zip(self.config.replica_keys(self.replicas), self.replica_indices, strict=True)
        streams = [generator(key, replica, "sample", seed, root=self.seed_root) for key, replica in keys]
        return self.decode(np.stack([stream.standard_normal((n, self.config.latent_dim)) for stream in streams]))

    def _checked(self, argument: str, value: ArrayLike, last: int) -> Float32:
        array = np.asarray(value, np.float32)
        shared = array.ndim == 2 and array.shape[1] == last
        if not shared and (array.ndim != 3 or array.shape[::2] != (self.replicas, last)):
            swapped = array.ndim == 3 and array.shape[1:] == (self.replicas, last)
            expected = f"(batch, {last}) or ({self.replicas}, batch, {last}), the replica first" + (
                "; swap the first two axes, as only Keras' own `call`, `predict` and `fit` have the batch first"
                if swapped
                else ""
            )
            raise InvalidValue(argument, f"shape {array.shape}", expected)
        if not np.isfinite(array).all():
            raise InvalidValue(argument, "values that are not finite", "finite numbers")
        return array

    # The batch-first face of a keras.Model.

    def fit(self, x: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Train as ``keras.Model.fit`` does, refusing arrays that hold NaN or infinities before the first step.

        Raises:
            InvalidValue: If an array in ``x`` is not finite.
        """
        for name, array in (x if isinstance(x, dict) else {"x": x}).items():
            if isinstance(array, np.ndarray) and not np.isfinite(array).all():
                raise InvalidValue(name, "values that are not finite", "finite numbers")
        return super().fit(x, *args, **kwargs)

    def call(self, inputs: Any, training: bool | None = None) -> dict[str, Any]:
        """Encode, draw a latent, decode.

        Args:
            inputs: ``(batch, feature)``, ``(batch, replica, feature)``, or a dictionary of ``x`` and ``noise``.
            training: Ignored: the latent is always drawn, so that the loss is the ELBO's in either mode.

        Returns:
            ``image`` (E[x|z]), ``log_likelihood``, ``kl``, ``mean``, ``log_var``, each ``(batch, replica, …)``.
        """
        given = inputs if isinstance(inputs, dict) else {"x": inputs}
        x = ops.convert_to_tensor(given["x"], dtype=self.compute_dtype)
        if len(x.shape) == 3:
            if x.shape[1] != self.replicas:
                expected = f"(batch, feature) or (batch, {self.replicas}, feature), the batch first"
                raise InvalidValue("x", f"shape {tuple(x.shape)}", f"{expected}; `encode` has the replica first")
            x = ops.transpose(x, (1, 0, 2))
        mean, log_var = self.encode_stacked(x)
        if "noise" in given:
            noise = ops.transpose(given["noise"], (1, 0, 2))
        else:
            noise = keras.random.normal(ops.shape(mean), seed=self.noise_seed)
        reconstruction, kl, output = self._decoded_terms(x, mean, log_var, noise)
        outputs = {
            "image": self._likelihood.mean(output),
            "log_likelihood": reconstruction[..., None],
            "kl": kl[..., None],
            "mean": mean,
            "log_var": log_var,
        }
        return {name: ops.transpose(value, (1, 0, 2)) for name, value in outputs.items()}

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Return the loss that Keras' ``fit`` minimises: that of :meth:`loss_stacked`."""
        del x, y, sample_weight, training
        weight = ops.reshape(ops.multiply(self.kl_weight, self.warmup), (1, self.replicas, 1))
        weighted = ops.subtract(ops.multiply(weight, y_pred["kl"]), y_pred["log_likelihood"])
        return ops.sum(ops.mean(weighted, axis=0))

    # Weights by path, so that no file depends on the order of Keras' lists.

    def named_variables(self) -> dict[str, Any]:
        """Return the trainable variables by path, e.g. ``encoder_0/kernel``."""
        named = {}
        for name, layer in self.stack.items():
            named[f"{name}/kernel"] = layer.kernel
            named[f"{name}/bias"] = layer.bias
        return {**named, **self.pixel_variables}

    def load_stacked(self, weights: Weights) -> None:
        """Set the trainable weights ``{path: (replica, …)}``."""
        named = self.named_variables()
        if set(weights) != set(named):
            raise InvalidValue("weights", sorted(weights), f"the paths {sorted(named)}")
        for path, variable in named.items():
            variable.assign(weights[path])

    def stacked_weights(self) -> Weights:
        """Return the trainable weights ``{path: (replica, …)}`` as float32 arrays."""
        return {path: np.array(ops.convert_to_numpy(v), np.float32) for path, v in self.named_variables().items()}

    def get_config(self) -> dict[str, Any]:
        """Return what the constructor needs."""
        return {
            "config": self.config.as_dict(),
            "replicas": list(self.replica_indices),
            "seed_root": self.seed_root,
            "name": self.name,
        }


def load_vae(path: str | Path) -> VAE:
    """Load a VAE that ``VAE.save`` wrote, also in a fresh process.

    Args:
        path: A ``.keras`` file.

    Returns:
        The model, ready for ``predict``, ``fit`` and the measures.

    Raises:
        InvalidValue: If there is no such file, or it holds another model.
    """
    expected = "a .keras file written by VAE.save"
    if not zipfile.is_zipfile(path):
        raise InvalidValue("path", str(path), expected)
    try:
        model = keras.saving.load_model(path)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidValue("path", str(path), expected) from error
    if not isinstance(model, VAE):
        raise InvalidValue("path", str(path), f"a saved VAE (the file holds a {type(model).__name__})")
    return model
