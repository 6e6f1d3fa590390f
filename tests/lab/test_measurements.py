"""All measures of somebody's posteriors, and the mix-ups that are refused."""

from __future__ import annotations

from inspect import Parameter

import numpy as np
import pytest

import study
from study.errors import InvalidValue
from study.latent.gaussians import DiagonalGaussians
from study.measures.registry import Measure, inputs, names, spec

RNG = np.random.default_rng(0)
MEAN, HELDOUT = RNG.normal(0, 0.9, (200, 3)), RNG.normal(0, 0.9, (80, 3))
LOG_VAR = np.full_like(MEAN, np.log(0.19))
PAIR = (HELDOUT, LOG_VAR[:80])


@pytest.fixture(scope="module")
def everything():
    return study.measure(MEAN, LOG_VAR, heldout=PAIR)


def test_every_measure_of_posteriors_is_there_with_its_unit(everything):
    of_arrays = {"train", "heldout", "train_redraws", "heldout_redraws", "seeds"}
    asked = {n for n in names() if any(p.default is Parameter.empty for p in spec(n).parameters)}
    whole = {n for n in names() if inputs(Measure(n)) <= of_arrays} - asked
    assert {name.partition("(")[0] for name in everything} == whole
    assert {"marginal_kl(rescaled=True)", "two_sample_accuracy(classifier='svc')"} <= everything.keys()
    assert everything.units["rate"] == "nats"
    assert everything["rate"].low == pytest.approx(DiagonalGaussians(MEAN[None], LOG_VAR[None]).kl().mean(1))


def test_it_prints_as_a_table(everything):
    lines = str(everything).splitlines()
    assert len(lines) == len(everything)
    (row,) = (line for line in lines if line.startswith("marginal_kl "))
    assert row.split()[1].startswith("[")
    assert row.endswith("  nats")
    assert len({line.index("  " + everything.units[line.split("  ")[0]]) for line in lines}) <= 2


def test_training_images_alone_leave_out_what_needs_others(everything):
    alone = study.measure(MEAN, LOG_VAR)
    assert alone.keys() < everything.keys()
    assert "empirical_marginal_kl" in alone
    assert "marginal_kl" not in alone
    np.testing.assert_array_equal(alone["empirical_marginal_kl"].low, everything["empirical_marginal_kl"].low)
    with pytest.raises(KeyError, match=r"marginal_kl.*none of active_units"):
        alone["marginal_kl"]


def test_replicas_come_first(everything):
    two = study.measure(np.stack([MEAN, 2 * MEAN]), np.stack([LOG_VAR] * 2))
    assert two["rate"].low.shape == (2,)
    np.testing.assert_allclose(two["rate"].low[0], everything["rate"].low[0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: study.measure(MEAN.T, LOG_VAR.T), r"^mean of train: expected \(replica, image, latent\)"),
        (lambda: study.measure(*np.zeros((2, 200, 8, 3))), "^mean of train: .*no fewer than replicas"),
        (lambda: study.measure(MEAN, LOG_VAR[:80]), "^log_var of train: expected an array of the shape of mean"),
        (lambda: study.measure(MEAN, np.exp(LOG_VAR)), r"^log_var of train: expected logarithms of variances: np.log"),
        (lambda: study.measure(LOG_VAR, MEAN), "^mean, log_var of train: expected means first, then log_var"),
        (lambda: study.measure(MEAN, LOG_VAR, heldout=(LOG_VAR, MEAN)), "^mean, log_var of heldout"),
        (lambda: study.measure(MEAN, LOG_VAR, heldout=(HELDOUT[:, :2], LOG_VAR[:80, :2])), "^heldout: expected repl"),
        (lambda: study.measure(MEAN, LOG_VAR, sampler="prior"), "^arguments: expected none with posteriors"),
        (lambda: study.measure(MEAN, "rate"), "^subject: expected a subject"),
        (lambda: study.measure("rate", MEAN), "^mean of train: expected numbers"),
        (lambda: study.measure(MEAN * np.nan, LOG_VAR), "^mean: .*non-finite"),
    ],
)  # fmt: skip
def test_a_mix_up_is_refused(call, message):
    with pytest.raises(InvalidValue, match=message):
        call()
