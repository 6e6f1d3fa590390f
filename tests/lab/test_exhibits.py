"""Exhibits: curves of the brackets along an axis, and the plane of two-dimensional codes, as the figures read them."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest

from study.data.loading import load
from study.design.claim import Claim, Estimand
from study.lab.exhibits import exhibits
from study.lab.lab import Case
from study.lab.panels import Bracket
from study.latent.gaussians import DiagonalGaussians

PLANTED = Claim(id="planted", statement="", source="", parameters={}, estimand=lambda **_: Estimand(0, "nats"), size=2)
NAMES = ("marginal_kl", "empirical_marginal_kl", "empirical_floor", "rate")


def values(block, panel):
    level = block.config.latent_dim + np.arange(8) / 3
    found = {name: Bracket(level + i, level + i + 0.5) for i, name in enumerate(NAMES)}
    return found | {"empirical_floor": Bracket(level - 4, level - 4)}


@pytest.fixture
def lab(planted_lab):
    lab = planted_lab(values)
    mean = np.arange(8 * 360 * 2).reshape(8, 360, 2) / 1e3
    heldout = DiagonalGaussians(mean, np.full_like(mean, -20))
    lab.bench.posteriors = lambda block: (None, heldout)
    lab.case = Case(PLANTED, {"axis": "latent_dim", "measure": "marginal_kl"})
    lab.case.contexts = {str(c): c for c in PLANTED.design}
    return lab


def test_curves_follow_the_axis(lab):
    curves = exhibits(lab, lab.case)["marginal_kl"]
    assert [curve["context"] for curve in curves] == list(map(str, PLANTED.design))
    for curve in curves:
        assert curve["levels"] == [2, 4, 8, 16]
        assert np.array(curve["low"]) == pytest.approx(np.add.outer([2, 4, 8, 16], np.arange(8) / 3), abs=1e-4)
        assert np.subtract(curve["high"], curve["low"]) == pytest.approx(np.full((4, 8), 0.5), abs=2e-4)
        assert np.subtract(curve["rate"], curve["low"]) == pytest.approx(np.full((4, 8), 3.0), abs=2e-4)
        assert min(map(min, curve["floor"])) == 0  # a negative floor binds nothing


def test_the_plane_shows_means_and_draws_of_the_first_replica(lab):
    planes = exhibits(lab, lab.case)["latent_plane"]
    assert len(planes) == len(PLANTED.design)  # one level of the axis has two latents
    for plane in planes:
        assert plane["config"]["latent_dim"] == 2
        assert plane["classes"] == load("digits").heldout_y.tolist()
        assert np.array(plane["means"]) == pytest.approx(np.arange(720).reshape(360, 2) / 1e3)
        assert np.array(plane["draws"]) == pytest.approx(np.array(plane["means"]), abs=1e-3)


def test_exhibits_are_plain_json_and_the_same_twice(lab):
    first, again = (json.dumps(exhibits(lab, lab.case), allow_nan=False) for _ in range(2))
    assert first == again


@pytest.mark.parametrize(
    "parameters", [{"axis": "latent_dim", "measure": "rate"}, {"measure": "marginal_kl"}, {"axis": "kl_weight"}]
)
def test_other_parametrisations_show_nothing(lab, parameters):
    lab.case.parameters = parameters
    assert exhibits(lab, lab.case) == {}


def test_every_replica_judged_is_shown_but_for_those_that_had_not_converged(lab):
    lab.case.replicas = 16
    status = lab.bench.status
    lab.bench.status = lambda block: SimpleNamespace(**vars(status(block)) | {"converged": np.arange(8) != 3})
    for curve in exhibits(lab, lab.case)["marginal_kl"]:
        for level in curve["low"]:
            assert [i for i, value in enumerate(level) if value is None] == [3, 11]
            assert len(level) == 16
