"""The Bernoulli likelihood is a mass on two values, and no density of grey ones."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from study.vae.likelihoods.bernoulli import log_mass, mean


def test_it_sums_to_one_over_its_two_values(given: SimpleNamespace) -> None:
    total = sum(np.exp(given.numpy(log_mass(np.float32(x), np.float32(given.logits)))) for x in (0, 1))
    np.testing.assert_allclose(total, 1, atol=1e-5)
    np.testing.assert_allclose(
        given.numpy(mean(np.float32(given.logits))),
        np.exp(given.numpy(log_mass(np.float32(1), np.float32(given.logits)))),
        atol=1e-6,
    )


def test_on_grey_pixels_it_is_no_density(given: SimpleNamespace) -> None:
    grey = np.exp(given.numpy(log_mass(np.float32(given.unit), np.float32(1.0))))
    assert grey @ given.weights < 0.6
