"""The contract of measures catches every way in which one can break it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from study.latent.gaussians import DiagonalGaussians
from study.measures.tools.bracket import Bracket
from study.runtime import registry
from study.testing import Loses, Planted, check_measure

Q = DiagonalGaussians(np.array([[[1.0], [3.0]], [[2.0], [4.0]]]), np.zeros((2, 2, 1)))
FLAT = DiagonalGaussians(np.zeros((2, 2, 1)), np.zeros((2, 2, 1)))
TRUTH = np.array([2.5, 5.0])
PLANTED = Planted({"train": Q}, TRUTH, 1e-12)
LOSES = Loses({"train": FLAT}, below=1e-12)
Z = np.arange(12.0).reshape(2, 3, 2)


def test_a_measure_that_keeps_it_passes():
    check_measure("rate", PLANTED, LOSES)


@pytest.mark.parametrize(
    ("function", "match"),
    [
        (lambda q: q.kl().mean(1) + 0.1, "rate: planted .* off by 0.1"),
        (lambda q: Bracket(q.kl().mean(1), q.kl().mean(1) + 9), "rate: planted .* off by 9"),
        (lambda q: np.array([2.5, 5.0])[: q.replicas], "rate: a replica in another order has another value"),
        (lambda q: q.kl().mean(1) + (q.replicas == 1), "rate: a replica alone has another value"),
        (lambda q: q.kl() @ [0.5, 0.5] + (q.mean[0, 0, 0] == 3), "rate: the order of the samples matters"),
        (lambda q: np.where(q.kl().mean(1) > 0, q.kl().mean(1), 1.0), "rate: expected to lose"),
    ],
)
def test_one_that_breaks_it_is_caught(function, match, monkeypatch):
    module = registry.load("study.measures", "rate")
    monkeypatch.setattr(module, "rate", replace(module.rate, function=function))
    with pytest.raises(AssertionError, match=match):
        check_measure("rate", PLANTED, LOSES)


def test_a_nan_that_is_counted_as_a_miss_is_caught(monkeypatch):
    case = Planted({"heldout_draws": Z}, np.array([2 / 3, 1.0]), 1e-9)
    loses = Loses({"heldout_draws": Z + 9}, above=0.9)
    monkeypatch.setattr("study.measures._registry._refusing", lambda name, value: value)
    with pytest.raises(AssertionError, match="a NaN in heldout_draws to be refused"):
        check_measure("tail_mass", case, loses)


@pytest.mark.parametrize(
    ("planted", "loses", "match"),
    [
        (PLANTED, Loses({"train": FLAT}), "say what the case to lose is below or above"),
        (Planted({"train": Q.subset_replicas(0)}, 2.5, 1e-12), LOSES, "two replicas or more"),
    ],
)
def test_cases_that_could_not_fail_are_refused(planted, loses, match):
    with pytest.raises(AssertionError, match=match):
        check_measure("rate", planted, loses)
