"""The listed specifications: they are the claims' own at first, few enough, balanced, and judged by their medians."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest

from study.lab import specifications as listed
from study.lab.artefacts import Setting
from study.lab.lab import Lab
from study.lab.values import Observed

SETTING = Setting("jax", "pilot-4")


def _entries(module, row, training):
    """What the body of a claim observes in the context of a training."""
    said = []
    lab = Lab(listed.SCALE, listed.DATA, SimpleNamespace(observe=lambda _, entry: said.append(entry), show=_nothing))
    texts = (str(training.context), str(training.at(latents=2)))
    (context,) = [one for one in module.CLAIM.design if str(one) in texts]
    body = getattr(module, f"test_{row.claim}").hypothesis.inner_test
    body(lab=lab, context=context, **row.parameters)
    return said


def _nothing(*_):
    """Show nothing."""


@pytest.mark.parametrize("row", listed.ROWS, ids=lambda row: "-".join((row.claim, *row.parameters.values())))
def test_the_first_reading_is_what_the_claim_observes_and_the_threshold_the_claims(claim_module, row):
    module = claim_module(row.claim)
    estimand = module.CLAIM.of(row.parameters)
    assert (row.threshold, row.unit) == (estimand.threshold, estimand.unit)
    own = [one for one in listed.asked((row,)) if one.own]
    assert own
    for one in own:
        (entry,) = _entries(module, row, one.training)
        assert str(one.value) == str(entry.value)
        assert [(t.config, m) for t, m in one.value.leaves()] == [(t.config, m) for t, m in entry.value.leaves()]


def test_there_are_sixty_blocks_and_no_specification_twice():
    asked = list(listed.asked())
    assert len(listed.wanted(asked, SETTING)) == 60
    assert len({str((one.row.claim, one.row.parameters, one.training, one.measure)) for one in asked}) == len(asked)
    assert all(one.training in (*listed.TRAININGS, *listed.HALF_WEIGHT) for one in asked)


@pytest.mark.parametrize("trainings", [listed.TRAININGS, listed.SWEPT], ids=["all", "swept"])
def test_every_choice_is_made_as_often_as_its_like(trainings):
    names = ("activation", "layers", "times", "images")
    assert len(set(trainings)) == len(trainings)
    for name in names:
        assert len(set(Counter(getattr(one, name) for one in trainings).values())) == 1
    for first, second in combinations(names, 2) if trainings is listed.TRAININGS else ():
        counts = Counter((getattr(one, first), getattr(one, second)) for one in trainings).values()
        assert max(counts) - min(counts) <= 1


def test_lengths_are_multiples_of_the_recipe_warm_up_included():
    for one in listed.TRAININGS:
        config = one.at(latents=2).config(listed.DATA, listed.SCALE)
        assert (config.epochs, config.kl_warmup_epochs) == (600 * one.times, 200 * one.times)
        assert config.images == (None if one.images == "all" else 718)


def _observed(low, high=None, finite=True, applicable=True):
    low = np.asarray(low, float)
    high = low if high is None else np.asarray(high, float)
    ones = np.ones(len(low), bool)
    return Observed(np.arange(len(low)), low, high, ones & finite, ones & applicable)


def test_a_specification_is_recorded_with_the_interval_of_its_median():
    one = next(listed.asked())  # at least 0.5 nats
    found = one.found(_observed(np.arange(8) / 8))
    assert (found.medians, found.low, found.high) == ((3.5 / 8, 3.5 / 8), 1 / 8, 6 / 8)
    assert (found.median, found.side, found.replicas, found.own) == (3.5 / 8, -1, 8, True)
    assert found.choices["measure"] == "5th percentile"
    assert one.found(_observed(np.arange(8) / 8, finite=np.arange(8) > 3)).medians == (5.5 / 8, 5.5 / 8)


@pytest.mark.parametrize(
    ("low", "high", "applicable", "side"),
    [(0.5, 0.9, True, 1), (0.1, 0.4, True, -1), (0.4, 0.5, True, 0), (0.9, 0.9, False, 0), (-math.inf, 0, True, -1)],
)
def test_a_bracket_reaches_with_its_lower_end_and_falls_short_with_its_upper_one(low, high, applicable, side):
    one = next(listed.asked())
    assert one.found(_observed([low] * 8, [high] * 8, applicable=applicable)).side == side


def test_without_a_vae_nothing_is_said():
    found = next(listed.asked()).found(_observed([0.9] * 8, finite=False))
    assert (found.replicas, found.median, found.side) == (0, None, 0)
