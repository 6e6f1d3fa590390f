"""The quilt's exact numbers, checked against integration on a grid and against draws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from study.data.uniform_quilt import UniformQuilt
from study.errors import InvalidValue

QUILTS = st.builds(UniformQuilt, st.integers(1, 60))


def grid(quilt: UniformQuilt, points: int = 20) -> np.ndarray:
    return (np.arange(quilt.classes * points) + 0.5) / points


@given(QUILTS, st.integers(1, 5))
def test_balanced_mixture_is_the_prior_exactly_though_no_part_is(quilt: UniformQuilt, repeats: int) -> None:
    labels = quilt.balanced_labels(repeats)
    assert quilt.marginal_kl(labels) == 0
    assert quilt.per_sample_kl == math.log(quilt.classes)
    z = grid(quilt)
    np.testing.assert_allclose(quilt.aggregate_log_density(z, labels), quilt.prior_log_density(z), atol=1e-12)
    assert (quilt.class_shares(z) == 1 / quilt.classes).all()


@given(QUILTS, st.data())
def test_kls_are_the_integrals_of_the_densities(quilt: UniformQuilt, data: st.DataObject) -> None:
    labels = data.draw(st.lists(st.integers(0, quilt.classes - 1), min_size=1, max_size=50))
    z, width = grid(quilt), 1 / 20
    prior = quilt.prior_log_density(z)
    np.testing.assert_allclose(np.exp(prior).sum() * width, 1)

    def kl(log_q: np.ndarray) -> float:
        on = np.isfinite(log_q)
        return float((np.exp(log_q[on]) * (log_q - prior)[on]).sum() * width)

    np.testing.assert_allclose(kl(quilt.aggregate_log_density(z, labels)), quilt.marginal_kl(labels), atol=1e-9)
    one = quilt.posterior_log_density(z, np.full(len(z), labels[0]))
    np.testing.assert_allclose(kl(one), quilt.per_sample_kl, atol=1e-9)


def test_the_marginal_kl_can_be_positive() -> None:
    quilt = UniformQuilt()
    assert quilt.marginal_kl([3, 3]) == pytest.approx(math.log(10))
    assert quilt.marginal_kl([*range(10), 0]) > 0


@given(QUILTS, st.integers(0, 2**32))
def test_codes_decode_to_their_own_class(quilt: UniformQuilt, seed: int) -> None:
    labels = quilt.balanced_labels(3)
    codes = quilt.encode(labels, np.random.default_rng(seed))
    assert np.array_equal(quilt.decode(codes), labels)
    assert (quilt.posterior_log_density(codes, labels) == 0).all()
    quilt.decode(quilt.sample_prior(20, np.random.default_rng(seed)))


def test_rounding_never_moves_a_code_to_the_next_patch() -> None:
    class Last(np.random.Generator):
        def random(self, size: object = None) -> np.ndarray:  # type: ignore[override]
            return np.full(size, np.nextafter(1.0, 0.0))  # type: ignore[call-overload]

    quilt, last = UniformQuilt(), Last(np.random.PCG64(0))
    assert 9 + last.random(1)[0] == 10  # what would happen
    assert quilt.decode(quilt.encode(np.arange(10), last)).tolist() == list(range(10))
    assert quilt.decode(quilt.sample_prior(1, last)).tolist() == [9]
    assert quilt.decode(quilt.from_gaussian([-40.0, 40.0])).tolist() == [0, 9]


def test_draws_follow_the_prior_and_the_gaussian_route_agrees() -> None:
    """Two Kolmogorov-Smirnov tests at 1e-3 each, seeds fixed; the second law is planted wrong and is refused."""
    quilt, rng = UniformQuilt(), np.random.default_rng(1)
    uniform = stats.uniform(0, 10).cdf
    assert stats.kstest(quilt.encode(quilt.balanced_labels(500), rng), uniform).pvalue > 1e-3
    assert stats.kstest(quilt.from_gaussian(rng.standard_normal(5_000)), uniform).pvalue > 1e-3
    assert stats.kstest(quilt.from_gaussian(math.sqrt(2) * rng.standard_normal(5_000)), uniform).pvalue < 1e-6


@given(st.lists(st.floats(-5, 5), min_size=1))
def test_gaussian_route_goes_both_ways(latent: list[float]) -> None:
    quilt = UniformQuilt()
    np.testing.assert_allclose(quilt.to_gaussian(quilt.from_gaussian(latent)), latent, atol=1e-8)


def test_codes_off_the_quilt_have_no_density_and_no_class() -> None:
    quilt, off = UniformQuilt(), [-0.1, 10.0, 1e300]
    assert np.isneginf(quilt.prior_log_density(off)).all()
    assert np.isneginf(quilt.aggregate_log_density(off, range(10))).all()
    for wrong in ([-0.1], [10.0], [np.nan], []):
        with pytest.raises(InvalidValue, match=r"^z: expected"):
            quilt.decode(wrong)


@pytest.mark.parametrize("labels", [[10], [-1], [0.5], [], [[1]]])
def test_wrong_labels_are_refused(labels: list[object]) -> None:
    with pytest.raises(InvalidValue, match=r"^labels: expected"):
        UniformQuilt().marginal_kl(labels)


@pytest.mark.parametrize("classes", [0, -1, 2.0, True])
def test_wrong_numbers_of_classes_are_refused(classes: object) -> None:
    with pytest.raises(InvalidValue, match=r"^classes: expected"):
        UniformQuilt(classes)  # type: ignore[arg-type]
