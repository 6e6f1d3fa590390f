"""What the judge of joint draws says of true ones, and of wrong ones that are planted."""

from __future__ import annotations

import pytest
from hypothesis import settings
from planting import R, S

from study.data.linear_gaussian import LinearGaussian

CLAIM = "joint_then_discard"
TESTS = {"bits": "test_the_bits", "binary": "test_binary_pixels", "gaussian": "test_a_linear_gaussian_decoder"}


@pytest.mark.parametrize("row", TESTS)
def test_what_is_true_holds_in_every_case(proved, row):
    found = proved(CLAIM, TESTS[row], row)
    assert (found.verdict, found.reach, found.short) == (S, settings.default.max_examples, 0), found


@pytest.mark.parametrize("row", ["bits", "binary"])
def test_decoded_means_in_place_of_draws_are_found_and_shrunken(monkeypatch, proved, row):
    def plant(module):
        def means(self, count, rng):
            return self.mean(rng.normal(size=count)) > 0.5, None

        monkeypatch.setattr(module.Decoder, "joint", means)

    found = proved(CLAIM, TESTS[row], row, plant)
    assert found.verdict == R, found
    assert found.note.endswith("pixels=3, seed=0")


def test_means_of_a_linear_gaussian_decoder_in_place_of_draws_are_found_and_shrunken(monkeypatch, proved):
    right = LinearGaussian.joint
    monkeypatch.setattr(
        LinearGaussian,
        "joint",
        lambda self, count, rng: (right(self, count, rng)[1] @ self.weights.T + self.offset, None),
    )
    found = proved(CLAIM, TESTS["gaussian"], "gaussian")
    assert found.verdict == R, found
    assert found.note.endswith("features=1, latents=1, seed=0")
