"""Seeds are hashed: the same everywhere, different for every purpose, and with no noise in common."""

from __future__ import annotations

import hashlib
import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from study.seeds import ROOT, generator, seed

# Purposes are plain words; the control character between the parts is not in them.
PARTS = st.lists(st.integers() | st.text(st.characters(exclude_categories=["C"])), max_size=4).map(tuple)


def test_a_seed_is_the_first_63_bits_of_its_purposes_digest() -> None:
    digest = hashlib.sha256(f"{ROOT}\x1fstr:noise\x1fint:3".encode()).hexdigest()
    assert seed("noise", 3) == int(digest[:16], 16) // 2


@given(PARTS, PARTS)
def test_different_purposes_have_different_seeds(one: tuple, other: tuple) -> None:
    assert 0 <= seed(*one) < 2**63
    assert (seed(*one) == seed(*other)) == (one == other)
    assert seed(*one) != seed(*one, root="another root")


def test_parts_are_neither_joined_nor_converted() -> None:
    assert len({seed("a", "b"), seed("ab"), seed("b", "a"), seed("1"), seed(1), seed(), seed("")}) == 7


def test_no_collisions() -> None:
    """By chance 200,000 seeds of 63 bits collide with probability 2e-9."""
    purposes = itertools.product(("noise", "order", "initial weights", "pixels"), range(50_000))
    assert len({seed(*parts) for parts in purposes}) == 200_000


def test_adjacent_replicas_and_purposes_share_no_noise() -> None:
    """All correlations below 5 standard errors: a false alarm in 2 of 100,000, seeds fixed."""
    n = 20_000
    draws = [generator("key", i, name).standard_normal(n) for i in range(4) for name in ("noise", "order")]
    shares = np.corrcoef(draws) - np.eye(8)
    assert np.abs(shares).max() < 5 / np.sqrt(n)
    # Nor the same stream, shifted by one: what seed + counter gives.
    assert max(abs(np.corrcoef(a[1:], b[:-1])[0, 1]) for a, b in itertools.permutations(draws, 2)) < 5 / np.sqrt(n)


def test_a_generator_repeats() -> None:
    assert np.array_equal(generator("x", 1).random(9), generator("x", 1).random(9))
    assert not np.array_equal(generator("x", 1).random(9), generator("x", 1, root="r").random(9))
