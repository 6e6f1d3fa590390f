"""Bodies: what a test may ask for, how one is read, and what is said of one that cannot be."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from study.design.claim import Estimand
from study.design.profile import load_profile
from study.errors import InvalidValue, StudyError
from study.lab.artefacts import Setting
from study.lab.bodies import EVERY, Body

SETTING = Setting("jax")


@pytest.fixture(autouse=True)
def _profile():
    load_profile()
    yield
    settings.load_profile("study-unit")


@pytest.fixture
def body(lab, planted_claim):
    """Take a test whose body is run over the design, as Hypothesis does; ``says(lab, claim, context)`` is the body."""

    def make(says, claim=None, given_=None, *, search=False, stray=()):
        claim = claim or planted_claim()

        @given(context=claim.contexts())
        def call(context):
            says(lab, claim, context)

        given_ = {"measure": "rate"} if given_ is None else given_
        return Body.of("test_x[a]", call, claim, given_, lab, search=search, stray=stray)

    return make


def observe(lab, claim, context):
    lab.observe(claim, lab.run(context).value("rate"))


def test_a_body_is_read_over_its_whole_design_and_nothing_is_looked_at(body, lab):
    found = body(observe).collected(SETTING)
    assert list(found.entries) == list(found.claim.places)
    assert (found.parameters, found.data) == ({"measure": "rate"}, "digits")
    assert lab.recorder is None


def looks(lab, claim, context):
    if lab.run(context).value("rate") > 2:
        raise AssertionError


def skips(lab, claim, context):
    pytest.skip("not today")


def fails(lab, claim, context):
    raise KeyError("no\n  such key")


def misspells(lab, claim, context):
    lab.run(context).value("rat")


def partly(lab, claim, context):
    if context == claim.design[0]:
        observe(lab, claim, context)


def asserts(lab, claim, context):
    assert lab is None, "an assertion"


@pytest.mark.parametrize(
    ("says", "message"),
    [
        (looks, r"rate\(…\) has no value yet: observe it, or use \.where\(rate, at_least=2\)$"),
        (skips, r"Skipped: not today"),
        (fails, r"KeyError: 'no\\n such key'$"),
        (misspells, r"measures: expected one of 'rate'.*, received 'rat'\.$"),
        (partly, r"planted: expected observations in every context of the design, none in \['latent_dim=2'\]\.$"),
        (lambda *_: None, r"planted: expected observations in every context of the design, none at all\.$"),
        (asserts, r"AssertionError: an assertion"),
    ],
)
def test_what_is_wrong_with_a_body_is_one_line_that_names_it(body, lab, says, message):
    def read():
        try:
            body(says).collected(SETTING)
        except pytest.skip.Exception as skip:  # would skip this test
            raise AssertionError from skip

    with pytest.raises(StudyError, match=rf"^test_x\[a\]: {message}") as raised:
        read()
    assert "\n" not in str(raised.value)
    assert lab.recorder is None


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_who_stops_a_run_is_not_an_author_of_errors(body, stop):
    def says(*_):
        raise stop

    with pytest.raises(stop):
        body(says).collected(SETTING)


def test_an_estimand_that_cannot_be_made_is_said_when_the_body_is_read(body, planted_claim):
    claim = planted_claim(estimand=lambda other: Estimand(0.5, "nats"))
    with pytest.raises(StudyError, match=r"^test_x\[a\]: estimand: .*received \['measure'\]"):
        body(observe, claim).collected(SETTING)


def test_another_fixture_is_refused(body):
    with pytest.raises(InvalidValue, match=r"^test_x\[a\]: expected the lab, its parameters and what @given draws"):
        body(observe, stray=["tmp_path"])


@pytest.mark.parametrize("asked", [{}, {"measure": "elbo"}, {"measure": "rate", "more": "x"}, {"axis": "rate"}])
def test_a_row_that_the_claim_does_not_declare_is_refused(body, asked):
    with pytest.raises(InvalidValue, match=r"^test_x\[a\]: expected a row that CLAIM\.parameters declares"):
        body(observe, given_=asked)


def test_parameters_are_texts(body, planted_claim):
    claim = planted_claim(parameters={"latent_dim": ("2", "4")}, estimand=lambda latent_dim: Estimand(0, "nats"))
    assert body(observe, claim, {"latent_dim": 2}).parameters == {"latent_dim": "2"}


def test_searches_and_exact_claims_wait_for_their_turn(body, planted_claim):
    assert not body(observe).waits
    assert body(observe, planted_claim(estimand=lambda measure: Estimand(0.5, "nats", kind="exact"))).waits
    searching = body(observe, planted_claim(search=Estimand(0.7, "nats")), {}, search=True)
    assert searching.waits
    assert (searching.parameters, searching.estimand.threshold) == (EVERY, 0.7)


def test_a_search_needs_a_form_that_it_can_refute(body):
    with pytest.raises(InvalidValue, match=r"^search: expected an estimand, in the claim 'planted', received None"):
        _ = body(observe, search=True).estimand
