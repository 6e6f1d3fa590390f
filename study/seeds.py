"""Every seed of the study, derived by hashing (root, key, replica, purpose).

Adjacent integer seeds share noise on some backends, and layers without a seed repeat between Hypothesis examples; so
no seed is ever counted up or left to a default.
"""

from __future__ import annotations

import hashlib

import numpy as np

ROOT = "vae-claims-3"
"""The seed root of the study, unless a run names another: then it has fresh seeds everywhere. It travels in requests
and keys. Data, which every run shares, have a root of their own."""


def seed(*parts: str | int, root: str = ROOT) -> int:
    """Derive a seed from its purpose.

    Args:
        *parts: What the seed is for, e.g. ``(config.key, replica, "noise")``.
        root: The seed root.

    Returns:
        An integer in [0, 2**63): the first 63 bits of a SHA-256 digest.
    """
    text = "\x1f".join([root, *(f"{type(part).__name__}:{part}" for part in parts)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def generator(*parts: str | int, root: str = ROOT) -> np.random.Generator:
    """Return a NumPy generator seeded by :func:`seed` (PCG64, float64 and float32 draws)."""
    return np.random.Generator(np.random.PCG64(seed(*parts, root=root)))
