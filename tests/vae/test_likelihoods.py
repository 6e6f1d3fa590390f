"""Every likelihood is a density: it integrates to one, constants included, and stays bounded where it must."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from keras import ops
from scipy import special, stats

from study.vae import likelihoods
from study.vae.config import VAEConfig

LOGITS = np.array([-1e4, -40, -7, -1, -0.2, -0.0501, -0.0499, -1e-3, 0, 1e-4, 0.0499, 0.0501, 0.6, 3, 25, 1e4])


def numpy(value: object) -> np.ndarray:
    return ops.convert_to_numpy(value).astype(np.float64)


def on_unit_interval(count: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Legendre nodes and weights on [0, 1]."""
    nodes, weights = special.roots_legendre(count)
    return (nodes + 1) / 2, weights / 2


def continuous_bernoulli(x: np.ndarray, logits: np.ndarray) -> np.ndarray:
    return numpy(likelihoods.continuous_bernoulli(*np.broadcast_arrays(np.float32(x), np.float32(logits[:, None]))))


def test_bernoulli_sums_to_one_over_its_two_values() -> None:
    total = sum(np.exp(numpy(likelihoods.bernoulli(np.float32(x), np.float32(LOGITS)))) for x in (0, 1))
    np.testing.assert_allclose(total, 1, atol=1e-5)


def test_continuous_bernoulli_integrates_to_one_and_has_its_mean() -> None:
    x, weights = on_unit_interval()
    density = np.exp(continuous_bernoulli(x, LOGITS))
    np.testing.assert_allclose(density @ weights, 1, atol=1e-5)
    mean = numpy(likelihoods.continuous_bernoulli_mean(np.float32(LOGITS)))
    np.testing.assert_allclose(mean, (density * x) @ weights, atol=5e-5)
    # A Bernoulli's terms on grey pixels are no density: they integrate to far less.
    grey = np.exp(numpy(likelihoods.bernoulli(np.float32(x), np.float32(1.0))))
    assert grey @ weights < 0.6


@pytest.mark.parametrize(("mean", "scale"), [(0.4, 0.1), (0.0, 1e-3), (1.0, 2.0)])
def test_gaussian_integrates_to_one_over_the_line(mean: float, scale: float) -> None:
    unit, weights = on_unit_interval()
    x = mean + scale * (20 * unit - 10)  # mean ± 10 scales
    log_density = numpy(likelihoods.gaussian(np.float32(x), np.float32(mean), np.float32(np.log(scale))))
    np.testing.assert_allclose(np.exp(log_density) @ weights * 20 * scale, 1, atol=1e-4)


@pytest.mark.parametrize("name", ["bernoulli", "continuous_bernoulli", "gaussian"])
def test_each_is_the_reference_pixel_by_pixel(reference: SimpleNamespace, name: str) -> None:
    rng = np.random.default_rng(2)
    x, output = rng.random((50, 40)).astype(np.float32), rng.normal(0, 3, (50, 40)).astype(np.float32)
    x = np.round(x) if name == "bernoulli" else x
    extra = (np.float32(np.log(0.7)),) if name == "gaussian" else ()
    expected = reference.log_likelihood(
        VAEConfig(likelihood=name, gaussian_scale=0.7), np.float64(x), np.float64(output)
    )
    np.testing.assert_allclose(numpy(getattr(likelihoods, name)(x, output, *extra)), expected, atol=1e-5)


def test_logits_are_squashed_smoothly_and_little_where_it_matters() -> None:
    bounded = numpy(likelihoods.bounded_logits(np.float32(LOGITS)))
    assert (np.abs(bounded) <= 12).all()
    assert (np.diff(bounded) > 0).sum() >= len(LOGITS) - 3  # monotonous, but for the saturated ends
    small = np.abs(LOGITS) < 1
    np.testing.assert_allclose(bounded[small], LOGITS[small], atol=2e-3)


def test_density_on_a_constant_pixel_is_bounded() -> None:
    """Trap: however sure the decoder is of a black pixel, it gains less than log 12 + 1e-4 nats from it."""
    for x in (0.0, 1.0):
        log_density = continuous_bernoulli(np.array([x]), np.array([-1e30, -1e4, -12, 0, 12, 1e4, 1e30]))
        assert np.isfinite(log_density).all()
        assert np.log(12) - 0.01 < log_density.max() < np.log(12) + 1e-4


def test_gaussian_is_scipys_at_a_scale_per_pixel() -> None:
    scale = np.array([0.05, 0.5, 5.0])
    out = numpy(likelihoods.gaussian(np.float32([[0.1, 0.9, 0.3]]), np.float32(0.2), np.float32(np.log(scale))))
    np.testing.assert_allclose(out, stats.norm.logpdf([[0.1, 0.9, 0.3]], 0.2, scale), atol=1e-4)
