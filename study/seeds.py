"""Every seed of the study, derived by hashing (root, key, replica, purpose).

Adjacent integer seeds share noise on some backends, and layers without a seed repeat
between Hypothesis examples; so no seed is ever counted up or left to a default.
"""

from __future__ import annotations

import hashlib
import os

import numpy as np

ROOT = "vae-claims-2"
"""The seed root, unless the environment variable :data:`VARIABLE` names another: a run on a new root has fresh seeds
everywhere. Data and designs, which every run shares, have roots of their own."""
VARIABLE = "STUDY_SEED_ROOT"


def seed_root() -> str:
    """Return the seed root of this process; worker processes inherit it."""
    return os.environ.get(VARIABLE) or ROOT


def seed(*parts: str | int, root: str | None = None) -> int:
    """Derive a seed from its purpose.

    Args:
        *parts: What the seed is for, e.g. ``(config.key, replica, "noise")``.
        root: The seed root; by default :func:`seed_root`.

    Returns:
        An integer in [0, 2**63): the first 63 bits of a SHA-256 digest.
    """
    text = "\x1f".join([root or seed_root(), *(f"{type(part).__name__}:{part}" for part in parts)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def generator(*parts: str | int, root: str | None = None) -> np.random.Generator:
    """Return a NumPy generator seeded by :func:`seed` (PCG64, float64 and float32 draws)."""
    return np.random.Generator(np.random.PCG64(seed(*parts, root=root)))
