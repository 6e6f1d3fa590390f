"""Class overlap of a sampler less the reference's."""

from __future__ import annotations

import numpy as np
from planted import shares

from study.measures.class_overlap_difference import class_overlap_difference
from study.testing import Loses, Planted

REAL = np.full(3, 1 / 3)
EVEN, SKEWED, NONE = REAL, np.array([0.5, 0.25, 0.25]), np.array([0.5, 0.5, 0.0])


def case(prior: list[np.ndarray], aggregate: list[np.ndarray]) -> dict[str, object]:
    """Shares by either classifier, the same in two replicas."""
    both = shares(prior=np.stack([prior] * 2), training_aggregate=np.stack([aggregate] * 2))
    return {"label_shares": both, "real_shares": REAL}


# The second classifier sees what the first does not.
PLANTED = Planted(case([EVEN, SKEWED], [EVEN, EVEN]), -1 / 6, 1e-12)
# A generator that never draws one class, though the decoder could.
LOSES = Loses(case([NONE, NONE], [EVEN, EVEN]), below=-0.3)


def test_what_the_decoder_misses_is_no_fault_of_the_sampling():
    """A collapsed decoder scores 0: this measure alone does not see it, ``decoder_misses`` does."""
    one = np.array([1.0, 0, 0])
    needs = case([one, one], [one, one])
    assert (class_overlap_difference(*needs.values()) == 0).all()
    needs = case([EVEN, SKEWED], [EVEN, EVEN])
    assert (class_overlap_difference(*needs.values(), classifier="knn") == 0).all()
