"""What the judge of the uniform quilt says of true ones, and of wrong ones that are planted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import settings
from planting import R, S

from study.data.uniform_quilt import UniformQuilt

CLAIM = "uniform_quilt"
TESTS = {"parts": "test_the_parts", "mixture": "test_the_mixture", "gaussian": "test_a_gaussian_latent"}


@pytest.mark.parametrize("row", TESTS)
def test_what_is_true_holds_in_every_case(proved, row):
    found = proved(CLAIM, TESTS[row], row)
    assert (found.verdict, found.reach, found.short) == (S, settings.default.max_examples, 0), found


@pytest.mark.parametrize("row", ["parts", "mixture"])
def test_a_gap_in_the_quilt_is_found_and_shrunken(monkeypatch, proved, row):
    """The prior has one patch more than there are classes."""
    monkeypatch.setattr(
        UniformQuilt, "prior_log_density", lambda self, z: np.full(np.shape(z), -np.log(self.classes + 1))
    )
    found = proved(CLAIM, TESTS[row], row)
    assert found.verdict == R, found
    assert found.note.endswith("counts=[1]")


@pytest.mark.parametrize("row", ["mixture", "gaussian"])
def test_unbalanced_labels_that_are_taken_for_balanced_are_found_and_shrunken(monkeypatch, proved, row):
    right = UniformQuilt.aggregate_log_density
    monkeypatch.setattr(
        UniformQuilt, "aggregate_log_density", lambda self, z, labels: right(self, z, self.balanced_labels(1))
    )
    found = proved(CLAIM, TESTS[row], row)
    assert found.verdict == R, found
    assert found.note.endswith("counts=[0, 1]")
