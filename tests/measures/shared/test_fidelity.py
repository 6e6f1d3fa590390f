"""Real images against disjoint sets of generated ones."""

from __future__ import annotations

import numpy as np
import pytest

from study.errors import InvalidValue
from study.measures.registry import Images
from study.measures.shared import fidelity as module
from study.measures.shared.fidelity import MEASURES, REAL, SETS, fidelity
from study.measures.tools import neighbours
from study.seeds import generator


def images(count: int) -> Images:
    x = generator("fidelity", count).normal(size=(count, 3)).astype(np.float32)
    return Images(x, np.zeros(count, int), x, np.zeros(count, int))


@pytest.mark.parametrize("count", [360, REAL + 50])
def test_ten_disjoint_sets_are_as_large_as_the_real_one(monkeypatch, count):
    seen = []

    def watched(real, fake):
        seen.append((real, fake))
        return fake[:, 0, 0]

    monkeypatch.setitem(module.MEASURES, "coverage", watched)
    z = np.arange(10_000.0)[None, :, None]
    found = fidelity(lambda sampler: {"prior": z}[sampler], lambda x: x, images(count), sampler="prior", of="coverage")
    size = min(count, REAL)
    assert [real.shape for real, _ in seen] == [(size, 3)] * SETS
    sets = [fake for _, fake in seen]
    assert {one.shape for one in sets} == {(1, size, 1)}
    assert len(np.unique(np.concatenate(sets, axis=1))) == SETS * size
    # Each is spread over all draws, and so over the components of a stratified sampler.
    assert all(np.ptp(one) > 9_000 for one in sets)
    assert found == pytest.approx([4.5])


@pytest.mark.parametrize("of", MEASURES)
def test_each_measure_is_its_own(of):
    z = 0.8 * generator("fidelity", "fake").normal(size=(2, 3_000, 3))
    few = images(300)
    found = fidelity(lambda sampler: z, lambda x: x, few, sampler="prior", of=of)
    sets = [z[:, number::10] for number in range(SETS)]
    expected = np.mean([getattr(neighbours, of)(few.heldout_x.astype(float), one) for one in sets], axis=0)
    np.testing.assert_allclose(found, expected)


def test_too_few_draws_are_refused():
    with pytest.raises(InvalidValue, match=r"^draws: expected 3600 draws or more"):
        fidelity(lambda sampler: np.zeros((1, 3_000, 1)), lambda z: z, images(360), sampler="prior", of="coverage")
