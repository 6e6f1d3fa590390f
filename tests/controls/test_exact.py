"""Identities with something planted in them: the judge finds it, and Hypothesis shrinks it to a small case."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import settings
from planting import R, S

from study.data.linear_gaussian import LinearGaussian
from study.data.uniform_quilt import UniformQuilt
from study.latent.gaussians import DiagonalGaussians

TESTS = {
    ("elbo_identity", "bound"): "test_the_bound",
    ("elbo_identity", "weighted"): "test_the_weighted_bound",
    ("elbo_identity", "draws"): "test_more_draws",
    ("elbo_identity", "closed_form"): "test_the_closed_form",
    ("uniform_quilt", "parts"): "test_the_parts",
    ("uniform_quilt", "mixture"): "test_the_mixture",
    ("uniform_quilt", "gaussian"): "test_a_gaussian_latent",
    ("joint_then_discard", "bits"): "test_the_bits",
    ("joint_then_discard", "binary"): "test_binary_pixels",
    ("joint_then_discard", "gaussian"): "test_a_linear_gaussian_decoder",
}


def wrong_factor(monkeypatch, module):
    """The bound less half of the KL: that of weight 3/2."""
    right = LinearGaussian.elbo
    monkeypatch.setattr(
        LinearGaussian,
        "elbo",
        lambda self, x, mean, var: right(self, x, mean, var) - module.kl(mean, np.broadcast_to(var, mean.shape)) / 2,
    )


def scaled(owner, name, factor):
    def plant(monkeypatch, module):
        right = getattr(owner or module, name)
        monkeypatch.setattr(owner or module, name, lambda *given: factor * right(*given))

    return plant


def lowest_weight(monkeypatch, module):
    """The lowest weight in place of the mean."""
    monkeypatch.setattr(module, "mean_weight", lambda weights: weights.min(-1))


def gap(monkeypatch, module):
    """A prior with one patch more than there are classes."""
    monkeypatch.setattr(
        UniformQuilt, "prior_log_density", lambda self, z: np.full(np.shape(z), -np.log(self.classes + 1))
    )


def unbalanced(monkeypatch, module):
    """A mixture of equal shares, whatever the labels."""
    balanced = UniformQuilt.aggregate_log_density
    monkeypatch.setattr(
        UniformQuilt, "aggregate_log_density", lambda self, z, labels: balanced(self, z, self.balanced_labels(1))
    )


def means_in_place_of_draws(monkeypatch, module):
    monkeypatch.setattr(module.Decoder, "joint", lambda self, count, rng: (self.mean(rng.normal(size=count)) > 0.5, 0))
    joint = LinearGaussian.joint
    monkeypatch.setattr(
        LinearGaussian,
        "joint",
        lambda self, count, rng: (joint(self, count, rng)[1] @ self.weights.T + self.offset, None),
    )


PLANTS = [
    ("elbo_identity", "bound", wrong_factor),
    ("elbo_identity", "weighted", scaled(None, "kl", 2)),
    ("elbo_identity", "draws", lowest_weight),
    ("elbo_identity", "closed_form", scaled(DiagonalGaussians, "kl", 1.001)),
    ("uniform_quilt", "parts", gap),
    ("uniform_quilt", "mixture", gap),
    ("uniform_quilt", "mixture", unbalanced),
    ("uniform_quilt", "gaussian", unbalanced),
    ("uniform_quilt", "gaussian", scaled(UniformQuilt, "marginal_kl", 2)),
    ("joint_then_discard", "bits", means_in_place_of_draws),
    ("joint_then_discard", "binary", means_in_place_of_draws),
    ("joint_then_discard", "gaussian", means_in_place_of_draws),
]
SMALL = {
    "test_binary_pixels": "pixels=3, seed=0",
    "test_the_bits": "pixels=3, seed=0",
    "test_a_linear_gaussian_decoder": "features=1, latents=1, seed=0",
    "test_the_bound": "features=1, latents=1, seed=0, spread=0.1",
    "test_the_parts": "counts=[1]",
    "test_the_closed_form": "mean=0.0, deviation=",
}
"""The smallest case of some tests."""


@pytest.fixture
def said(planted_session, claim_module, put_to_the_test):
    """Return what the judge says of a row; a plant changes its module, or what that uses."""

    def of(claim, row, plant=lambda module: None):
        module = claim_module(claim)
        plant(module)
        session = planted_session(lambda block, measure: None)
        return put_to_the_test(session, module, test=TESTS[claim, row], row=row)

    return of


@pytest.mark.parametrize(("claim", "row"), TESTS)
def test_what_is_true_holds_in_every_case(said, claim, row):
    found = said(claim, row)
    assert (found.verdict, found.reach, found.short) == (S, settings.default.max_examples, 0), found


@pytest.mark.parametrize(("claim", "row", "plant"), PLANTS)
def test_what_is_planted_is_found_and_shrunken(monkeypatch, said, claim, row, plant):
    found = said(claim, row, lambda module: plant(monkeypatch, module))
    assert (found.verdict, found.reason) == (R, "counterexample confirmed"), found
    assert SMALL.get(TESTS[claim, row], "") in found.note, found.note
