"""Frozen, hashable descriptions of one VAE: data, architecture, likelihood, training."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from study.errors import InvalidValue
from study.latent.priors import _contract as priors
from study.runtime import registry
from study.types import DATA_SETS, FEATURES, PIXELS, TRAINING, is_finite
from study.vae.likelihoods import _contract as likelihoods
from study.vae.networks import _contract as networks

BLOCK = 8
"""Replicas trained together as one program; also the unit of the cache."""

MEMORY = 16 * 2**30
"""Bytes that a block may take, at most: more is taken for a slip, and refused before anything is allocated."""
MOST, DEEPEST = 1_000_000, 1_000
"""Greatest size of any kind, and depth."""

ACTIVATIONS = ("relu", "tanh", "softplus", "gelu", "elu", "silu")
AXES = {
    "encoder_width": ("encoder_width",),
    "encoder_depth": ("encoder_depth",),
    "width": ("encoder_width", "decoder_width"),
    "latent_dim": ("latent_dim",),
    "kl_weight": ("kl_weight",),
}
"""Capacity axes: the fields that each one sets. ``width`` is the width of both networks; other fields are axes, too."""


ALWAYS = object()
"""The absent value of a field that the text of a config always holds; equal to no value."""


@dataclass(frozen=True, kw_only=True)
class VAEConfig:
    """One variational autoencoder, and how it is trained; no size may be so large that a block takes :data:`MEMORY`.

    The key, and with it every seed, hashes the text of all fields. A field that is added later would change them all;
    so its metadata declare a frozen ``absent`` value, what was done before the field existed, and the text leaves
    it out at that value. The absent value is not the default: a default may change, and then the key changes.

    Attributes:
        data: Data set, one of :data:`DATA_SETS`.
        images: Number of training images (a stratified subset); None for all of them.
        pixels: How images are used, one of :data:`PIXELS`.
        latent_dim: Latent dimension D.
        encoder_width: Units of each hidden layer of the encoder.
        encoder_depth: Hidden layers of the encoder (0 is an affine encoder).
        decoder_width: Units of each hidden layer of the decoder.
        decoder_depth: Hidden layers of the decoder (0 is an affine decoder).
        activation: Activation of the hidden layers, one of :data:`ACTIVATIONS`.
        kl_weight: Weight of the KL term; or one weight per replica.
        kl_warmup_epochs: Epochs over which the KL weight rises linearly from 0; 0 for none.
        likelihood: Likelihood of a pixel, a module of ``study.vae.likelihoods``, or an entry point of that group.
        gaussian_scale: Standard deviation of the fixed Gaussian likelihood, and the floor
            of the learned one, in units of the pixel range [0, 1].
        learning_rate: Step size of Adam at the first step.
        batch_size: Images in a minibatch.
        epochs: Epochs of training, over which the step size falls to zero by a cosine.
        network: Encoder and decoder, a module of ``study.vae.networks``, or an entry point of that group.
        prior: Prior of the latents, a module of ``study.latent.priors``, or an entry point of that group.
        decoder_trained_with: If given, the decoder is held fixed: it is that of the same config and replica trained
            with an encoder of this width, and only the encoder is trained. None to train both.
    """

    data: str = "digits"
    images: int | None = None
    pixels: str = "binarised"
    latent_dim: int = 8
    encoder_width: int = 32
    encoder_depth: int = 1
    decoder_width: int = 32
    decoder_depth: int = 1
    activation: str = "relu"
    kl_weight: float | tuple[float, ...] = 1.0
    kl_warmup_epochs: int = 0
    likelihood: str = "bernoulli"
    gaussian_scale: float = 0.1
    learning_rate: float = 3e-3
    batch_size: int = 128
    epochs: int = 600
    network: str = field(default="dense", metadata={"absent": "dense"})
    prior: str = field(default="normal", metadata={"absent": "normal"})
    decoder_trained_with: int | None = field(default=None, metadata={"absent": None})

    def __post_init__(self) -> None:
        """Refuse what cannot be trained, before anything is."""
        _one_of("data", self.data, DATA_SETS)
        _one_of("pixels", self.pixels, PIXELS)
        _one_of("activation", self.activation, ACTIVATIONS)
        _behind("likelihood", self.likelihood, likelihoods.DOOR)
        _behind("network", self.network, networks.DOOR)
        _behind("prior", self.prior, priors.DOOR)
        if self.images is not None:
            _integer("images", self.images, 20)
        if self.decoder_trained_with is not None:
            _integer("decoder_trained_with", self.decoder_trained_with, 1)
        for name in ("latent_dim", "encoder_width", "decoder_width", "batch_size", "epochs"):
            _integer(name, getattr(self, name), 1)
        for name in ("encoder_depth", "decoder_depth"):
            _integer(name, getattr(self, name), 0, DEEPEST)
        _integer("kl_warmup_epochs", self.kl_warmup_epochs, 0)
        for name in ("gaussian_scale", "learning_rate"):
            _positive(name, getattr(self, name))
        several = isinstance(self.kl_weight, Sequence) and not isinstance(self.kl_weight, str | bytes)
        weights: Sequence[Any] = self.kl_weight if several else (self.kl_weight,)  # type: ignore[assignment]
        if not weights:
            raise InvalidValue("kl_weight", self.kl_weight, "a number, or one number per replica")
        for weight in weights:
            if not _is_number(weight) or weight < 0:
                raise InvalidValue("kl_weight", self.kl_weight, "finite numbers ≥ 0")
        # Equal configs must have equal keys: 1 and 1.0, lists and tuples are the same weight.
        normal = tuple(float(w) for w in weights)
        object.__setattr__(self, "kl_weight", normal if several else normal[0])
        for name in ("gaussian_scale", "learning_rate"):
            object.__setattr__(self, name, float(getattr(self, name)))
        allowed = likelihoods.load(self.likelihood).PIXELS
        if self.pixels not in allowed:
            others = (n for n in registry.names(likelihoods.DOOR) if self.pixels in likelihoods.load(n).PIXELS)
            expected = f"{_or(others)} with {self.pixels} pixels ({self.likelihood} needs pixels={_or(allowed)})"
            raise InvalidValue("likelihood", self.likelihood, expected)
        self.check_fits(BLOCK)

    def check_fits(self, replicas: int) -> None:
        """Refuse replicas that need more than :data:`MEMORY` at once, before any of it is allocated.

        Counted are weights, gradients and the two moments of Adam, the activations of a minibatch and their gradients,
        and the posteriors of the training images.
        """
        layers = networks.load(self.network).layers(self).values()
        units = self.batch_size * sum(layer.fan_out for layer in layers)
        codes = (self.images or TRAINING[self.data]) * self.latent_dim
        needed = replicas * (16 * self.parameter_count + 8 * units + 16 * codes)
        if needed > MEMORY:
            sizes = f"{replicas} replicas of {self.parameter_count:,} parameters: {needed / 2**30:,.0f} GiB at least"
            raise InvalidValue("replicas, or sizes of a config", sizes, f"at most {MEMORY / 2**30:.0f} GiB")

    def kl_weights(self, replicas: int) -> tuple[float, ...]:
        """Return the KL weight of each of ``replicas`` replicas, refusing a wrong length."""
        if isinstance(self.kl_weight, float):
            return (self.kl_weight,) * replicas
        if len(self.kl_weight) != replicas:
            raise InvalidValue("kl_weight", self.kl_weight, f"one number, or {replicas} numbers (one per replica)")
        return self.kl_weight

    def replica_keys(self, replicas: int) -> tuple[str, ...]:
        """Return what the seeds of each replica are hashed from: the key of its config with its own KL weight alone.

        So a sweep of KL weights trained as one program is the same as its separate runs.
        """
        return tuple(self.replace(kl_weight=weight).key for weight in self.kl_weights(replicas))

    def replace(self, **changes: Any) -> VAEConfig:
        """Return a copy with some fields changed."""
        return dataclasses.replace(self, **changes)

    def base(self) -> VAEConfig | None:
        """Return the config that trains the decoder which this one holds; None where it trains its own."""
        if self.decoder_trained_with is None:
            return None
        return self.replace(encoder_width=self.decoder_trained_with, decoder_trained_with=None)

    def along(self, axis: str, level: float) -> VAEConfig:
        """Return this config at another level of an axis: one of :data:`AXES`, or any field."""
        _one_of("axis", axis, (*AXES, *(field.name for field in dataclasses.fields(self) if field.name not in AXES)))
        return self.replace(**dict.fromkeys(AXES.get(axis, (axis,)), level))

    def program(self) -> VAEConfig:
        """Return this config with all forgotten that is an input of its compiled training program.

        Two configs with the same program share one compilation, and one model.
        """
        return self.replace(kl_weight=1.0, kl_warmup_epochs=0, epochs=1, learning_rate=1.0, decoder_trained_with=None)

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as plain JSON values, without those at their absent value: the text that keys hash."""
        present = {name: value for name, value in dataclasses.asdict(self).items() if value != self._absent(name)}
        return json.loads(json.dumps(present))

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> VAEConfig:
        """Rebuild a config from :meth:`as_dict`."""
        known = {field.name for field in dataclasses.fields(cls)}
        for name in fields:
            _one_of("config field", name, tuple(sorted(known)))
        left_out = {name: cls._absent(name) for name in known - set(fields) if cls._absent(name) is not ALWAYS}
        weight = fields.get("kl_weight", 1.0)
        return cls(**{**left_out, **fields, "kl_weight": tuple(weight) if isinstance(weight, list) else weight})

    @classmethod
    def _absent(cls, name: str) -> object:
        """Return what a field means where a config's text does not say it; :data:`ALWAYS` if the text always does."""
        return cls.__dataclass_fields__[name].metadata.get("absent", ALWAYS)

    @cached_property
    def canonical(self) -> str:
        """Canonical JSON: sorted keys, no spaces; equal configs have equal text."""
        return json.dumps(self.as_dict(), sort_keys=True, separators=(",", ":"))

    @cached_property
    def key(self) -> str:
        """SHA-256 of the canonical JSON, in hexadecimal."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    @cached_property
    def parameter_count(self) -> int:
        """Trainable parameters of one replica; also the order from small to large."""
        layers = networks.load(self.network).layers(self).values()
        dense = sum((layer.fan_in + 1) * layer.fan_out for layer in layers)
        return dense + FEATURES[self.data] * len(likelihoods.load(self.likelihood).VARIABLES)


def _behind(argument: str, value: object, door: str) -> None:
    try:
        registry.module_of(door, value if isinstance(value, str) else "")
    except InvalidValue as error:
        raise InvalidValue(argument, value, error.expected) from None


def _or(names: Iterable[str]) -> str:
    return " or ".join(map(repr, names))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and is_finite(value)


def _one_of(argument: str, value: object, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise InvalidValue(argument, value, "one of " + ", ".join(map(repr, allowed)))


def _integer(argument: str, value: object, least: int, most: int = MOST) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise InvalidValue(argument, value, f"an integer ≥ {least}")
    if value > most:
        raise InvalidValue(argument, value, f"an integer ≤ {most:,}")


def _positive(argument: str, value: object) -> None:
    if not _is_number(value) or value <= 0:  # type: ignore[operator]
        raise InvalidValue(argument, value, "a finite number > 0")
