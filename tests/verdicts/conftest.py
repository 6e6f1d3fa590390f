"""Planted samples for the tests of the rule."""

from __future__ import annotations

import numpy as np
import pytest

from study.verdicts.judgement import Rule, Sample


def _sample(context="a", values=(), width=0.0, diverged=0, size=0):
    values = np.asarray(values, dtype=float)
    return Sample(context, values - width / 2, values + width / 2, diverged, size)


@pytest.fixture(scope="session")
def sample():
    """A factory of samples: values, or brackets of some width around them."""
    return _sample


@pytest.fixture(scope="session")
def shares():
    """A factory of one sample a context in which so many of so many values reach 0: those are 1, the others −1."""

    def make(*reaching, of=8, **changes):
        return [
            _sample(name, [1.0] * n + [-1.0] * (of - n), **changes)
            for name, n in zip("abcdefgh", reaching, strict=False)
        ]

    return make


@pytest.fixture(scope="session")
def rule():
    """A factory of rules: threshold 0, one row, the looks of scale quick."""

    def make(threshold=0.0, **changes):
        return Rule(threshold=threshold, **{"looks": (8, 16), "zero": None, **changes})

    return make
