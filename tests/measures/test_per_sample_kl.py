"""Per-sample KL and its percentiles."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import DiagonalGaussians
from study.measures.per_sample_kl import per_dimension_kl_percentile, per_sample_kl_percentile, rate


def test_known_percentiles():
    kl = np.arange(101.0)
    mean = np.stack([np.sqrt(2 * kl), np.zeros(101)], -1)[None]
    q = DiagonalGaussians(mean, np.zeros_like(mean))
    np.testing.assert_allclose(rate(q), [50.0])
    np.testing.assert_allclose(per_sample_kl_percentile(q), [5.0])
    np.testing.assert_allclose(per_sample_kl_percentile(q, 50.0), [50.0])
    np.testing.assert_allclose(per_dimension_kl_percentile(q), [0.0])  # the dead dimension is the prior
    np.testing.assert_allclose(per_dimension_kl_percentile(DiagonalGaussians(mean[..., :1], mean[..., 1:])), [5.0])


def test_collapse_has_no_rate(collapsed):
    np.testing.assert_array_equal(rate(collapsed), np.zeros(collapsed.replicas))
