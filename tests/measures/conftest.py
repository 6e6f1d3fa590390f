"""What every test of the measures shares: planted posteriors, importable as ``planted``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from study.latent.gaussians import DiagonalGaussians

sys.path.insert(0, str(Path(__file__).parent))

import planted


@pytest.fixture
def seeds() -> list[int]:
    """One seed per replica."""
    return planted.SEEDS


@pytest.fixture
def spread() -> Callable[..., DiagonalGaussians]:
    """Components whose population's aggregate is N(0, total I)."""
    return planted.spread


@pytest.fixture
def collapsed() -> DiagonalGaussians:
    """A collapsed encoder: every component is the prior."""
    return planted.collapsed()


@pytest.fixture
def hole() -> DiagonalGaussians:
    """Two far clusters with a hole between them."""
    return planted.hole()
