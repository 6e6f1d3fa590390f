"""What an intervention is told is checked before anything is trained, whoever wrote it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from study.errors import InvalidValue
from study.runtime import registry
from study.vae.interventions._contract import check_arguments


def keyword_only(config, weights, *, factor, power=1.0):
    """Take two by name, one of them with a default."""


def plain(config, weights, factor, power=1.0):
    """Take the same, by place too."""


def anything(config, weights, *, factor, **others):
    """Take whatever comes."""


@pytest.fixture(params=[keyword_only, plain, anything])
def written(request, monkeypatch):
    monkeypatch.setattr(registry, "load", lambda door, name: SimpleNamespace(apply=request.param))
    return request.param


def test_arguments_that_it_takes_pass(written):
    check_arguments("theirs", {"factor": 2.0})
    check_arguments("theirs", {"power": 3.0, "factor": 2.0})


def test_others_are_refused_with_the_closest_name(written):
    if written is anything:
        check_arguments("theirs", {"factor": 2.0, "powr": 1.0})
    else:
        with pytest.raises(InvalidValue, match=r"^argument of theirs: expected 'power', received 'powr'\.$"):
            check_arguments("theirs", {"factor": 2.0, "powr": 1.0})


def test_a_lacking_one_is_named(written):
    with pytest.raises(InvalidValue, match=r"^theirs: expected the argument 'factor', received {'power': 2.0}"):
        check_arguments("theirs", {"power": 2.0})


@pytest.mark.parametrize("argument", ["config", "weights"])
def test_config_and_weights_are_no_arguments(written, argument):
    if written is not anything:
        with pytest.raises(InvalidValue, match=r"^argument of theirs: expected 'factor' or 'power', received"):
            check_arguments("theirs", {"factor": 2.0, argument: 1.0})


def test_an_intervention_that_there_is_not_is_refused():
    with pytest.raises(InvalidValue, match=r"^interventions: expected one of 'rescaled_latents', received 'rescaled'"):
        check_arguments("rescaled", {})
