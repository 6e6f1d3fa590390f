"""What bodies said: rows, what they ask for at any look, and what was observed; searches and exact claims."""

from __future__ import annotations

import math
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.design.claim import Estimand, Scope
from study.design.contexts import Context, search_space
from study.design.grids import SEARCH_GRID
from study.design.profile import load_profile
from study.errors import EvidenceError, InvalidValue
from study.lab.artefacts import Block, Setting
from study.lab.collecting import Collected, Proving, Searching
from study.lab.lab import Counterexample, Lab, Violation
from study.lab.measurements import measure
from study.lab.reading import FRESH_BLOCK, Look
from study.measures.registry import Measure
from study.measures.tools.bracket import Bracket
from study.seeds import ROOT
from study.vae.config import BLOCK

SETTING = Setting("jax")
SMALL, LARGE = (Context((("latent_dim", dim),)) for dim in (1, 2))
RATE, KL = Measure("rate"), Measure("marginal_kl")


def value(lab, context=SMALL, name="rate"):
    return lab.run(context).value(name)


def blocks(context, *indices):
    return [Block(context.config("digits", "quick"), index, SETTING) for index in indices]


# What is observed.


def test_the_same_observation_twice_changes_nothing(lab, taken, world):
    for context in (SMALL, LARGE, SMALL):
        lab.observe(taken.claim, value(lab, context, "marginal_kl"))
    taken.check_complete()
    assert taken.contexts == tuple(taken.entries) == ("latent_dim=1", "latent_dim=2")
    found = taken.observed(Look(), world())
    assert [(o.context, o.replica) for o in found] == [(str(c), r) for c in (SMALL, LARGE) for r in range(8)]
    assert [(o.low, o.high) for o in found[8:]] == [(r, r + 2) for r in range(8)]
    assert {(o.claim, o.data, *o.parameters.items()) for o in found} == {("planted", "digits", ("measure", "rate"))}


def test_what_is_not_put_to_the_test_on_some_images_is_not_asked_for(lab, planted_claim):
    scope = Scope(parameters={"measure": ("rate",)}, design=[Context.of(latent_dim=2)])
    claim = planted_claim(scopes={"digits": scope})
    row = Collected(claim, {"measure": "rate"}, "digits")
    lab.recorder = row
    for context in (SMALL, LARGE):
        lab.observe(claim, value(lab, context))
        lab.show("marginal_kl", lab.run(context.along("width")))
    lab.recorder = None
    row.check_complete()
    assert (row.contexts, tuple(row.entries)) == (("latent_dim=2",), ("latent_dim=2",))
    assert {block.config.latent_dim for block in row.wanted(Look(), SETTING)} == {2}


def test_one_context_has_one_estimand(lab, taken):
    lab.observe(taken.claim, value(lab))
    with pytest.raises(InvalidValue, match=r"^value: expected one estimand a context; latent_dim=1 has rate\(of"):
        lab.observe(taken.claim, value(lab, SMALL, "marginal_kl"))


@pytest.mark.parametrize("seen", [(), (SMALL,)])
def test_a_verdict_on_part_of_a_design_is_none(lab, taken, seen):
    for context in seen:
        lab.observe(taken.claim, value(lab, context))
    where = r"none in \['latent_dim=2'\]" if seen else "none at all"
    with pytest.raises(EvidenceError, match=f"^planted: expected observations in every context of the design, {where}"):
        taken.check_complete()


def test_a_context_of_no_design_is_refused(lab, taken, somebody):
    for other in (lab.run(Context((("latent_dim", 3),))), lab.run(somebody())):
        with pytest.raises(InvalidValue, match=r"^context: expected one of .*: latent_dim=1, latent_dim=2, received '"):
            lab.observe(taken.claim, other.value("rate"))


def test_another_claim_or_kind_is_refused(lab, taken, planted_claim):
    for use, message in (
        (lambda: lab.observe(planted_claim(), value(lab)), "^claim: expected the CLAIM of the module"),
        (lambda: lab.examine(taken.claim, value(lab)), "^examine: expected a test marked study_search"),
        (lambda: lab.exact(taken.claim, 0.0), "^exact: expected a row of kind 'exact'"),
    ):
        with pytest.raises(InvalidValue, match=message):
            use()


def test_a_replica_that_diverged_is_recorded_without_a_value(lab, taken, world):
    lab.observe(taken.claim, value(lab))
    found = taken.observed(Look(), world(finite=lambda block: np.arange(8) != 3))
    assert [o.replica for o in found if math.isnan(o.low) and math.isnan(o.high)] == [3]
    assert len(found) == 8


def test_a_claim_says_nothing_where_its_condition_fails(lab, taken, world):
    """The median of the replicas, 0 to 7, decides: of the one context, and of the other, in which it is 4.5."""
    for context in (SMALL, LARGE):
        lab.observe(taken.claim, value(lab, context).where(value(lab, context, "marginal_kl"), at_least=4))
    assert {(o.context, o.replica) for o in taken.observed(Look(), world())} == {(str(LARGE), i) for i in range(8)}


def test_other_readings_are_kept_beside_the_verdict(lab, taken, world):
    never = value(lab).where(value(lab), at_least=99)
    lab.observe(taken.claim, value(lab), secondary={"again": value(lab) + 1, "never": never})
    reader = world(finite=lambda block: np.arange(8) > 5)
    assert taken.secondary(Look(), reader) == {"again": {"latent_dim=1": 7.5}, "never": {"latent_dim=1": None}}
    assert len(taken.observed(Look(), reader)) == 8  # none of them is an observation


# What is asked for.


def test_each_block_is_asked_for_once_with_all_that_is_wanted_of_it(lab, taken):
    lab.observe(taken.claim, value(lab).where(value(lab, name="marginal_kl"), at_least=1))
    lab.observe(taken.claim, value(lab, LARGE), secondary={"more": value(lab, LARGE, "elbo")})
    small, large, *rest = blocks(SMALL, 0), blocks(LARGE, 0)
    assert taken.wanted(Look(), SETTING) == {small[0]: {RATE, KL}, large[0]: {RATE, Measure("elbo")}}
    assert set(taken.wanted(Look(12), SETTING)) == {*blocks(SMALL, 0, 1), *blocks(LARGE, 0, 1)}
    assert rest == []


def test_on_fresh_seeds_only_what_is_confirmed_is_asked_for_and_observed(lab, taken, world):
    for context in (SMALL, LARGE):
        lab.observe(taken.claim, value(lab, context))
    lab.show("marginal_kl", lab.run(SMALL.along("width")))
    look = Look(8, frozenset(["latent_dim=2"]))
    assert list(taken.wanted(look, SETTING)) == blocks(LARGE, FRESH_BLOCK, FRESH_BLOCK + 1)
    found = taken.observed(look, world())
    assert {o.context for o in found} == {"latent_dim=2"}
    assert [o.replica for o in found] == list(range(FRESH_BLOCK * BLOCK, FRESH_BLOCK * BLOCK + 16))


def test_a_look_at_some_contexts_asks_for_them_alone(lab, taken, world):
    for context in (SMALL, LARGE):
        lab.observe(taken.claim, value(lab, context), secondary={"more": value(lab, context) + 1})
    assert list(taken.wanted(Look(12), SETTING, {"latent_dim=2"})) == blocks(LARGE, 0, 1)
    found = taken.observed(Look(12), world(), {"latent_dim=2"})
    assert [(o.context, o.replica) for o in found] == [("latent_dim=2", r) for r in range(12)]
    assert taken.secondary(Look(12), world(), {"latent_dim=2"}).keys() == {"more"}
    assert taken.secondary(Look(12), world(), {"latent_dim=2"})["more"].keys() == {"latent_dim=2"}


def test_what_is_shown_is_asked_for_at_any_look(lab, taken):
    sweep = lab.run(SMALL.along("width"))
    for _ in range(2):
        lab.show("marginal_kl", sweep)
    assert len(taken.shown) == 1
    found = taken.wanted(Look(), SETTING)
    assert {block.config for block in found} == {vae.trial.config for vae in sweep.vaes}
    assert all({RATE, KL} < measures for measures in found.values())


# Somebody's models.


def test_subjects_are_judged_as_contexts_and_asked_of_no_worker(lab, planted_claim, world, somebody):
    subjects = (somebody("a", 1.0), somebody("b", 2.0))
    claim = planted_claim(subjects=subjects)
    row = lab.recorder = Collected(claim, {"measure": "rate"}, "digits")
    assert row.contexts == claim.places == ("a", "b")
    lab.observe(claim, value(lab, subjects[0]))
    with pytest.raises(EvidenceError, match=r"every context of the design, none in \['b'\]"):
        row.check_complete()
    lab.observe(claim, value(lab, subjects[1]) + value(lab, subjects[1], "marginal_kl"))
    row.check_complete()
    assert row.wanted(Look(), SETTING) == {}
    found = row.observed(Look(), world())
    assert [(o.context, o.replica) for o in found] == [(name, r) for name in ("a", "b") for r in range(3)]
    assert found[0].low == found[0].high == pytest.approx(0.5)
    assert [subject.encoded for subject in subjects] == [2, 2]  # each split once, for whatever is measured
    assert found[3].low == pytest.approx(2 + measure(subjects[1], "marginal_kl", seed_root=ROOT).low[0])


def test_two_objects_of_one_id_are_no_one_context(lab, planted_claim, somebody):
    claim = planted_claim(subjects=(somebody("a"),))
    lab.recorder = Collected(claim, {"measure": "rate"}, "digits")
    lab.observe(claim, value(lab, claim.subjects[0]))
    lab.observe(claim, value(lab, claim.subjects[0]))
    with pytest.raises(InvalidValue, match=r"^value: expected one estimand a context; a has rate"):
        lab.observe(claim, value(lab, somebody("a")))


# Searches.


@pytest.fixture
def search(world, planted_claim):
    """Search as the session does, among VAEs that fail where told; return the row and what was asked for."""

    def run(fails, bound=12, finite=lambda block: np.ones(8, bool)):
        load_profile()
        asked, lab = [], Lab("quick", "digits")
        claim = planted_claim(search=Estimand(0.5, "nats", "REFUTED"))
        reader = world(lambda b, m: Bracket(*[(0.0 if fails(b) else 1.0) + 0.01 * np.arange(8)] * 2), finite)
        row = lab.recorder = Searching(
            claim, {}, "digits", look=Look(), reader=reader, ensure=asked.append, bound=bound
        )

        @given(context=search_space())
        def every_vae(context):
            lab.examine(claim, lab.run(context).value("rate"))

        with suppress(Counterexample):
            every_vae()
        return row, asked

    yield run
    settings.load_profile("study-unit")


def test_a_search_finds_the_smallest_vae_that_fails(search):
    small, larger, *_ = SEARCH_GRID["width"]
    row, _ = search(lambda block: block.config.encoder_width <= larger)
    failing = [text for text, entry in row.entries.items() if dict(entry.context.choices)["width"] <= larger]
    smallest = next(text for text in row.sizes() if text in failing)
    assert smallest.startswith(f"latent_dim=2, width={small}, ")


def test_a_search_among_sound_vaes_ends_at_its_bound(search):
    row, asked = search(lambda block: False, bound=5)
    assert len(row.entries) == len(row.sizes()) == 5
    assert len({block for wanted in asked for block in wanted}) == 5
    assert list(row.sizes().values()) == sorted(row.sizes().values())


def test_equal_sizes_are_ordered_from_plain_on(search):
    row, _ = search(lambda block: False, bound=24)
    sizes = list(row.sizes().items())
    ranks = {text: entry.context.rank for text, entry in row.entries.items()}
    assert sizes == sorted(sizes, key=lambda pair: (pair[1], ranks[pair[0]]))


def test_a_search_is_told_how_close_a_vae_comes_to_failing(search):
    row, asked = search(lambda block: False, bound=1)
    lab, context = Lab("quick", "digits", recorder=row), next(iter(row.entries.values())).context
    assert lab.examine(row.claim, lab.run(context).value("rate")) == pytest.approx(1.035)
    before = len(asked)
    assert lab.examine(row.claim, value(lab)) is None  # beyond the bound: nothing is asked for
    assert len(asked) == before
    hopeless, _ = search(lambda block: True, finite=lambda block: np.arange(8) < 1)  # one replica decides nothing
    assert len(hopeless.entries) == 12


def test_what_cannot_be_searched_is_refused(search, planted_claim, somebody):
    row, _ = search(lambda block: False, bound=1)
    lab = Lab("quick", "digits", recorder=row)
    with pytest.raises(InvalidValue, match=r"^examine: expected a VAE of the study: somebody's model has no fresh"):
        lab.examine(row.claim, value(lab, somebody()))
    row.claim = planted_claim()
    with pytest.raises(InvalidValue, match=r"^search: expected an estimand, in the claim 'planted', received None"):
        lab.examine(row.claim, value(lab))


# Exact claims.


def identity(measure):
    return Estimand(1.0, "nats", kind="exact")


@pytest.fixture
def proving(lab, planted_claim):
    lab.recorder = Proving(planted_claim(estimand=identity), {"measure": "rate"}, "digits")
    return lab.recorder


@given(st.lists(st.floats(-1, 1), min_size=1))
def test_cases_are_counted_and_the_largest_error_is_kept(planted_claim, errors):
    row = Proving(planted_claim(estimand=identity), {"measure": "rate"}, "digits")
    for error in errors:
        row.exact(row.claim, error)
    assert (row.cases, row.largest, row.violated) == (len(errors), max(map(abs, errors)), None)


@pytest.mark.parametrize("error", [2.0, -2.0, math.nan, math.inf])
def test_a_case_that_is_violated_is_kept_and_the_cases_of_shrinking_are_not_counted(lab, proving, error):
    lab.exact(proving.claim, 0.5)
    with pytest.raises(Violation, match=r"^error (2|nan|inf) > tolerance 1$"):
        lab.exact(proving.claim, error)
    lab.exact(proving.claim, 0.7)
    assert (proving.cases, proving.largest) == (1, 0.5)
    assert proving.violated == pytest.approx(abs(error), nan_ok=True)


def test_an_error_is_a_number(lab, proving):
    for error in (value(lab), [1.0], np.ones(2)):
        with pytest.raises(InvalidValue, match=r"^error: expected a number"):
            lab.exact(proving.claim, error)
