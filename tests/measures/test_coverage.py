"""How many real images have a generated one beside them."""

from __future__ import annotations

import numpy as np

from study.measures.tools import neighbours
from study.seeds import generator
from study.testing import Loses, Planted

real = np.concatenate([generator("coverage", c).normal(20 * c, 1, (100, 4)) for c in (0, 1)])


def fakes(*clusters: float) -> np.ndarray:
    """Images of two replicas, spread over clusters; real ones are at 0 and 20."""
    size = 200 // len(clusters)
    parts = [generator("coverage fake", c).normal(20 * c, 1, (2, size, 4)) for c in clusters]
    return np.concatenate(parts, 1)


def case(images: np.ndarray) -> dict[str, object]:
    return {"fidelity": lambda sampler, of: getattr(neighbours, of)(real, images)}


PLANTED = Planted(case(fakes(0, 1)), 1.0, 0.25, {"sampler": "prior"})
# A generator that misses one of two modes.
LOSES = Loses(case(fakes(0)), below=0.6, arguments={"sampler": "prior"})
