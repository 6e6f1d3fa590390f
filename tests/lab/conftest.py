"""A store of planted values: what bodies name can be read without a framework, and without training."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import strategies as st

from study.design.claim import Claim, Estimand
from study.design.contexts import Context
from study.errors import InvalidValue
from study.lab.artefacts import Block, Setting
from study.lab.collecting import Collected
from study.lab.lab import Lab
from study.lab.reading import Look, Reader
from study.lab.store import Store
from study.latent.gaussians import DiagonalGaussians
from study.measures.registry import Measure
from study.measures.tools.bracket import Bracket
from study.vae.config import BLOCK

SETTING = Setting("jax")
"""Nothing is trained on it."""
Numbers = Callable[[Block, Measure], Bracket]


class World(Store):
    """A store in which every block has been trained, and every value is what a function says."""

    numbers: Numbers
    finite: Callable[[Block], object]

    @classmethod
    def of(cls, root: Path, numbers: Numbers, finite: Callable[[Block], object]) -> World:
        world = cls(root)
        object.__setattr__(world, "numbers", numbers)
        object.__setattr__(world, "finite", finite)
        return world

    def values(self, block, measure):
        return self.numbers(block, measure)

    def status(self, block):
        return SimpleNamespace(epochs=1, device="planted", seconds=2.0, finite=np.asarray(self.finite(block)))


def level(block: Block, measure: Measure) -> Bracket:
    """Numbers that tell which config and replica they belong to; the marginal KL is bracketed, 2 nats wide."""
    middle = np.log2(block.config.latent_dim) + np.array(block.replicas, float)
    half = 1.0 if measure.name == "marginal_kl" else 0.0
    return Bracket(middle - half, middle + half)


@pytest.fixture(scope="session")
def world(tmp_path_factory) -> Callable[..., Reader]:
    """Return what reads a planted store."""

    def make(numbers: Numbers = level, finite=lambda block: np.ones(BLOCK, bool)) -> Reader:
        return Reader(World.of(tmp_path_factory.mktemp("world"), numbers, finite), SETTING)

    return make


@pytest.fixture(scope="session")
def planted_claim() -> Callable[..., Claim]:
    """Return a claim of two contexts; its fields can be set."""

    def make(**fields) -> Claim:
        usual = {
            "id": "planted", "statement": "", "source": "", "chapter": "", "parameters": {"measure": ("rate",)},
            "estimand": lambda measure: Estimand(0.5, "nats"),
            "design": (Context.of(latent_dim=1), Context.of(latent_dim=2)),
        }  # fmt: skip
        return Claim(**{**usual, **fields})

    return make


@pytest.fixture
def lab() -> Lab:
    return Lab("quick", "digits")


@pytest.fixture
def taken(lab, planted_claim):
    """A row that is being taken down: what the lab says goes to it."""
    lab.recorder = Collected(planted_claim(), {"measure": "rate"}, "digits")
    return lab.recorder


class Planted:
    """Somebody's model: posteriors N(shift, 1) in one latent, so that its rate is shift² / 2."""

    def __init__(self, name="somebody", shift=2.0, replicas=3, data="digits"):
        self.id, self.data, self.shift, self.replicas = name, data, shift, replicas
        self.encoded = 0

    def posterior(self, x):
        if x.shape[1] != 64:
            raise InvalidValue("x", x.shape, "digits")
        self.encoded += 1
        mean = np.full((self.replicas, len(x), 1), self.shift)
        return DiagonalGaussians(mean, np.zeros_like(mean))

    def decode(self, z):
        return np.full((*z.shape[:2], 64), 0.5)


@pytest.fixture(scope="session")
def somebody():
    return Planted


LOOKS = st.sampled_from([Look(8), Look(2), Look(12), Look(16)])
