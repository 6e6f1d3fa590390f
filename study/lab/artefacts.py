"""What is kept of each block: weights, posteriors and values of measures, by content address.

An artefact's key holds everything that its numbers depend on: the digest of the code that computes it, what that code
was told, the keys of what it is computed from, and the versions of the packages it imports. Device, threads and
machine are provenance: recorded, not keyed.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache

from study.data.loading import load
from study.lab.digests import digest_named
from study.measures import registry as measures
from study.measures.registry import Measure
from study.runtime.backends import backend_version
from study.seeds import ROOT
from study.vae.config import BLOCK, VAEConfig

TRAINING = ("study.vae.training.loop", "study.data.treatment")
"""The loop, and what is done to pixels before it sees them; the data themselves count by their digest."""
POSTERIOR = ("study.lab.subjects.trained",)
MEASURING = ("study.lab.measuring",)


@dataclass(frozen=True)
class Setting:
    """Where and how the VAEs of a run are trained; it travels with every request.

    Attributes:
        backend: Keras backend.
        seed_root: Seed root of the trials.
        precision: Precision of matrix products.
        data: Folder of the data sets; None for that of this machine.
    """

    backend: str
    seed_root: str = ROOT
    precision: str = "float32"
    data: str | None = None


@dataclass(frozen=True)
class Change:
    """An intervention: trained weights → other weights.

    Attributes:
        name: A module of ``study.vae.interventions``.
        arguments: Its arguments, by name.
    """

    name: str
    arguments: tuple[tuple[str, float], ...] = ()

    def __str__(self) -> str:
        """Return the canonical text."""
        return f"{self.name}({', '.join(f'{name}={value!r}' for name, value in self.arguments)})"


@dataclass(frozen=True)
class Block:
    """One block of replicas of one config: the unit of training and of the artefact store.

    Attributes:
        config: The VAE.
        index: Which block of :data:`~study.vae.config.BLOCK` replicas.
        setting: Where and how it is trained.
        changes: Interventions on the trained weights, in order.
    """

    config: VAEConfig
    index: int
    setting: Setting
    changes: tuple[Change, ...] = ()

    @property
    def replicas(self) -> range:
        """Indices of its replicas."""
        return range(self.index * BLOCK, (self.index + 1) * BLOCK)

    @property
    def trained(self) -> Block:
        """Return the block as it is trained, without interventions."""
        return Block(self.config, self.index, self.setting)

    @property
    def base(self) -> Block | None:
        """The block whose decoder it holds; None where it trains its own."""
        config = self.config.base()
        return None if config is None else Block(config, self.index, self.setting)

    def key(self) -> str:
        """Return the content address of its weights; they follow from its config, even where it holds a decoder."""
        return _trained_key(self.config, self.index, self.setting)

    def posterior_key(self) -> str:
        """Return the content address of its posteriors: of the code that encodes, the weights and the interventions."""
        code = _posterior_digest(tuple(change.name for change in self.changes))
        return _hash("posterior", code, self.key(), *map(str, self.changes))

    def value_key(self, measure: Measure) -> str:
        """Return the content address of the values of a measure."""
        return _hash("value", str(measure), _measure_digest(measure), self.posterior_key())


@lru_cache(maxsize=65_536)
def _trained_key(config: VAEConfig, index: int, setting: Setting) -> str:
    parts = {
        "config": config.canonical,
        "block": index,
        "seed_root": setting.seed_root,
        "code": _training_digest(setting.backend, config.program()),
        "data": data_digest(config.data, config.images, setting.data),
        "precision": setting.precision,
        "backend": setting.backend,
        "version": backend_version(setting.backend),
        "keras": backend_version("keras"),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@lru_cache(maxsize=1024)
def _training_digest(backend: str, program: VAEConfig) -> str:
    """Digest the code that trains: the loop, and what the config and the backend name."""
    doors = {"networks": program.network, "likelihoods": program.likelihood}
    roots = [("study.vae.backends", backend), ("study.latent.priors", program.prior)]
    return digest_named([*roots, *((f"study.vae.{door}", name) for door, name in doors.items())], TRAINING)


@lru_cache(maxsize=1024)
def _posterior_digest(changes: tuple[str, ...]) -> str:
    return digest_named([("study.vae.interventions", name) for name in changes], POSTERIOR)


@lru_cache(maxsize=1024)
def _measure_digest(measure: Measure) -> str:
    return digest_named(measures.roots(measure), MEASURING)


@lru_cache(maxsize=32)
def data_digest(data: str, images: int | None, folder: str | None) -> str:
    """Return the digest of a data set's arrays."""
    return load(data, images=images, folder=folder).digest


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
