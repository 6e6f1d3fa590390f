"""Treatments turn grey pixels into those that a VAE sees."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from study import seeds
from study.data.dataset import check_images
from study.errors import InvalidValue
from study.types import PIXELS


def pixels(x: NDArray[Any], treatment: str, seed: int | str) -> NDArray[np.float32]:
    """Return images as they are measured.

    Args:
        x: Grey images ``(n, feature)`` in [0, 1].
        treatment: One of :data:`study.types.PIXELS`. ``"redrawn"`` gives the same one fixed draw as
            ``"binarised"``: only training draws afresh, each replica its own.
        seed: What the fixed draw is hashed from; give each split its own.

    Returns:
        Images ``(n, feature)``, float32: grey in [0, 1], or 0 and 1.

    Raises:
        InvalidValue: For an unknown treatment, or images outside [0, 1] or with NaN.
    """
    if treatment not in PIXELS:
        raise InvalidValue("treatment", treatment, "one of " + ", ".join(map(repr, PIXELS)))
    if treatment == "grey":
        check_images("x", x)
        return np.asarray(x, np.float32)
    return binarise(x, seeds.generator("pixels", seed, root="data"))


def binarise(x: NDArray[Any], rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw each pixel from a Bernoulli whose mean is its grey value.

    Args:
        x: Grey images ``(n, feature)`` in [0, 1].
        rng: Makes the draw.

    Returns:
        Images ``(n, feature)`` of 0 and 1, float32. Black stays 0 and white stays 1, always.

    Raises:
        InvalidValue: For images outside [0, 1] or with NaN.

    Source:
        Salakhutdinov & Murray (2008), On the quantitative analysis of deep belief networks.
    """
    check_images("x", x)
    return (rng.random(x.shape, dtype=np.float32) < x).astype(np.float32)
