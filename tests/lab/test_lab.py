"""The lab: what is asked of the bench, what a claim observes, and how a search ends."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.vendor.pretty import pretty

from study.design.claim import Claim, Estimand
from study.design.contexts import search_space
from study.design.grids import SEARCH_GRID
from study.design.profile import load_profile
from study.errors import InvalidValue
from study.evidence.judging import Setting, judge_search
from study.lab.cache import Block
from study.lab.lab import Case, Counterexample, Lab, Observed, Planned, executor
from study.lab.panels import Bracket
from study.lab.times import Times
from study.lab.work import Receipt

GRID = {"latent_dim": (1, 2, 4), "width": (4, 8)}
PLANTED = Claim(
    id="planted",
    statement="",
    source="",
    parameters={"measure": ("rate", "marginal_kl")},
    estimand=lambda measure: Estimand(0.5, "nats"),
    grid=GRID,
    search=Estimand(0.5, "nats", "REFUTED"),
)
CONTEXT, OTHER, _ = PLANTED.design


def values(block, panel):
    """Brackets that tell by their value which config and which replica they belong to."""
    level = np.log2(block.config.latent_dim) + 100.0 * block.index + np.arange(8)
    return {"rate": Bracket(level, level), "marginal_kl": Bracket(level - 1, level + 1)}


@pytest.fixture
def lab(planted_lab):
    lab = planted_lab(values)
    lab.case = Case(PLANTED, {"measure": "rate"})
    return lab


def recorded(lab):
    return {(o.context, o.replica): (o.low, o.high) for o in lab.case.observations.values()}


# What is observed.


@pytest.mark.parametrize(("replicas", "expected"), [(8, range(8)), (2, range(2)), (12, [*range(8), *range(100, 104)])])
def test_a_value_has_as_many_replicas_as_asked_for(lab, replicas, expected):
    lab.case.replicas = replicas
    found = lab.run(CONTEXT.at(latent_dim=1)).value("rate")
    assert found.low.tolist() == found.high.tolist() == [*expected]
    assert found.replicas.tolist() == list(range(replicas))


def test_the_same_observation_twice_changes_nothing(lab):
    for context in (CONTEXT, OTHER, CONTEXT, CONTEXT):
        lab.observe(PLANTED, lab.run(context.at(latent_dim=2)).value("marginal_kl"))
    assert recorded(lab) == {(str(c), r): (r, r + 2) for c in (CONTEXT, OTHER) for r in range(8)}
    assert list(lab.case.contexts.values()) == [CONTEXT, OTHER]
    assert {(o.claim, o.data, *o.parameters) for o in lab.case.observations.values()} == {
        ("planted", "digits", "measure")
    }


def test_a_replica_that_has_not_converged_is_recorded_without_a_value(planted_lab):
    lab = planted_lab(values, converged=lambda block: np.arange(8) != 3)
    lab.case = Case(PLANTED, {"measure": "rate"})
    lab.observe(PLANTED, lab.run(CONTEXT).value("rate"))
    assert [r for (_, r), (low, _) in recorded(lab).items() if math.isnan(low)] == [3]
    assert len(recorded(lab)) == 8


def test_a_claim_says_nothing_where_its_condition_fails(lab):
    vae = lab.run(CONTEXT.at(latent_dim=1))
    both = vae.value("rate").where(vae.value("rate"), at_least=3).where(vae.value("marginal_kl"), at_least=5)
    lab.observe(PLANTED, both)
    assert [r for _, r in recorded(lab)] == [6, 7]  # the lower end of the bracket counts


def test_where_a_decoder_fails_is_kept_beside(lab):
    vae = lab.run(CONTEXT.at(latent_dim=1))
    lab.observe(PLANTED, vae.value("rate"), decoder_misses=vae.value("rate"))
    assert lab.case.decoder_failures == {str(CONTEXT): 7 / 8}


def test_other_readings_are_kept_beside_the_verdict(lab):
    vae = lab.run(CONTEXT.at(latent_dim=1))
    late = replace(vae.value("rate"), converged=np.arange(8) > 5)
    never = replace(vae.value("rate"), converged=np.zeros(8, bool))
    lab.observe(PLANTED, vae.value("rate"), beside={"all": vae.value("rate"), "late": late, "never": never})
    assert lab.case.beside == {"all": {str(CONTEXT): 3.5}, "late": {str(CONTEXT): 6.5}, "never": {str(CONTEXT): None}}
    assert len(recorded(lab)) == 8  # none of them is an observation


def test_a_sweep_falls_by_its_slope(lab):
    """The planted value grows by 1 with every doubling, and its bracket is 2 wide at each of four levels."""
    sweep = lab.run(CONTEXT.along("latent_dim"))
    assert sweep.fall("rate").low == pytest.approx(np.full(8, -1.0))
    bracketed = sweep.fall("marginal_kl")
    # Weights of the least-squares slope over 0, 1, 2, 3 are -0.3, -0.1, 0.1, 0.3: half-width 0.8.
    assert bracketed.low == pytest.approx(np.full(8, -1.8))
    assert bracketed.high == pytest.approx(np.full(8, -0.2))


def test_along_depth_a_fall_is_per_layer(planted_lab):
    lab = planted_lab(lambda block, panel: {"rate": Bracket(*[np.full(8, -2.0 * block.config.encoder_depth)] * 2)})
    assert lab.run(CONTEXT.along("encoder_depth")).fall("rate").low == pytest.approx(np.full(8, 2.0))


def test_a_fall_counts_only_where_every_level_has_converged(planted_lab):
    lab = planted_lab(values, converged=lambda block: np.arange(8) != int(np.log2(block.config.latent_dim)))
    assert lab.run(CONTEXT.along("latent_dim")).fall("rate").converged.tolist() == [True] + [False] * 4 + [True] * 3


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda lab: lab.run(CONTEXT).value("rat"), "^measure: expected one of 'marginal_kl', 'rate', received 'rat'"),
        (lambda lab: lab.run(CONTEXT).fall("rate"), "^context: expected a sweep"),
        (
            lambda lab: lab.observe(replace(PLANTED), lab.run(CONTEXT).value("rate")),
            "^claim: expected the CLAIM of the",
        ),
        (lambda lab: replace(lab, case=None).examine(PLANTED, CONTEXT), "^claim: expected the CLAIM of the module"),
        (lambda lab: replace(lab, case=None).confirm(), "^case: expected a search that is running, received None"),
    ],
)
def test_what_makes_no_sense_is_refused(lab, use, message):
    with pytest.raises(InvalidValue, match=message):
        use(lab)


# What is trained.


@pytest.fixture
def asked(lab, monkeypatch, tmp_path):
    """What the executor is asked to train, run by run; the second of every two blocks is found trained by another."""
    runs = []

    def run(bench, blocks, panels, workers, progress):
        runs.append(list(blocks))
        for i, block in enumerate(blocks):
            progress(Receipt(block, i % 2 == 0, 0.1))

    monkeypatch.setattr(executor, "run", run)
    known = set()
    lab.bench.cache, lab.bench.backend = tmp_path, "planted"
    lab.bench.missing = lambda blocks, panels: [b for b in blocks if b not in known and not known.add(b)]
    return runs


def test_the_whole_design_is_trained_at_once_and_once(lab, asked):
    told = []
    lab.progress = lambda *parts: told.append(parts)
    for context in PLANTED.design:
        lab.run(context.along("latent_dim")).fall("rate")
    (blocks,) = asked
    wanted = {c for context in PLANTED.design for c in context.along("latent_dim").configs("digits", "quick")}
    assert {block.config for block in blocks} == wanted
    assert len(blocks) == len(wanted)
    assert told == [("planted", i, len(blocks)) for i in range(len(blocks) + 1)]
    tally = lab.case.tally
    assert len(tally.trained) == -(-len(blocks) // 2)
    assert tally.recalled == set(blocks) - tally.trained
    assert tally.devices == {"planted"}


def test_another_look_trains_further_blocks_only(lab, asked):
    for replicas in (8, 16, 24):
        lab.case.replicas = replicas
        lab.run(CONTEXT).value("rate")
    assert [sorted({block.index for block in blocks}) for blocks in asked] == [[0], [1], [2]]


def test_what_is_trained_is_timed(lab, asked, tmp_path):
    lab.run(CONTEXT).value("rate")
    noted = Times.read(tmp_path, "planted").noted
    assert sum(map(len, noted.values())) == -(-len(asked[0]) // 2)


def test_a_lab_that_plans_says_what_it_would_train_and_trains_nothing(lab, asked):
    lab.planning = True
    with pytest.raises(Planned) as planned:
        lab.run(CONTEXT).value("marginal_kl")
    assert {block.config for block in planned.value.blocks} == {c.config("digits", "quick") for c in PLANTED.design}
    assert planned.value.panel == "latent"
    assert asked == []
    lab.bench.missing = lambda blocks, panels: []  # complete: it goes on
    assert len(lab.run(CONTEXT).value("rate").low) == 8


def test_hypothesis_neither_repeats_nor_shrinks_what_is_planned(lab):
    lab.planning, lab.bench.missing = True, lambda blocks, panels: list(blocks)
    seen = []

    @settings(database=None)
    @given(context=search_space())
    def search(context):
        seen.append(context)
        lab.run(context).value("rate")

    with pytest.raises(Planned):
        search()
    assert len(seen) == 1


@given(replicas=st.sampled_from([8, 12, 16, 32]))
def test_fresh_seeds_have_never_been_looked_at(planted_lab, replicas):
    lab = planted_lab(values)
    case = lab.case = Case(PLANTED, {"measure": "rate"}, replicas=replicas)
    seen = lab.run(CONTEXT).value("rate").replicas
    case.fresh_for = frozenset([str(CONTEXT)])
    for context in (CONTEXT, OTHER):
        lab.observe(PLANTED, lab.run(context).value("rate"))
    assert not case.observations
    assert {o.context for o in case.fresh.values()} == {str(CONTEXT)}
    assert len(case.fresh) == 2 * replicas
    assert not {o.replica for o in case.fresh.values()} & set(seen.tolist())


# Searches.


def search(lab, budget=12):
    """Run a search as the plugin does; return the row."""
    load_profile()
    case = lab.case = Case(PLANTED, {"form": "every VAE"})
    lab.search_budget = budget

    @given(context=search_space())
    def every_vae(context):
        lab.examine(PLANTED, context)

    with suppress(Counterexample):
        every_vae()
    row, more = judge_search(case, Setting.of("quick", "digits", "planted"))
    if more is not None:
        case.fresh_for = more.fresh_for
        lab.confirm()
        row, _ = judge_search(case, Setting.of("quick", "digits", "planted"))
    return row


@pytest.fixture
def world(planted_lab):
    """A lab in which VAEs fail where ``fails(block)`` says so: 0, with some noise, instead of 1."""

    def make(fails):
        return planted_lab(
            lambda block, panel: {"rate": Bracket(*[(0.0 if fails(block) else 1.0) + 0.01 * np.arange(8)] * 2)}
        )

    yield make
    settings.load_profile("study-unit")


def test_a_search_finds_the_smallest_vae_that_fails(world):
    small, larger, *_ = SEARCH_GRID["width"]
    row = search(world(lambda block: block.config.encoder_width <= larger))
    assert (row.verdict, row.reason) == ("REFUTED", "counterexample confirmed")
    assert row.note.startswith(f"smallest found of 12 VAEs examined: latent_dim=1, width={small}, ")


def test_a_search_among_sound_vaes_finds_none_within_its_budget(world):
    lab = world(lambda block: False)
    row = search(lab, budget=5)
    assert (row.verdict, row.reason) == ("INCONCLUSIVE", "no counterexample found")
    assert len(lab.case.examined) == 5
    assert row.note == "none of 5 VAEs examined fails"


def test_what_fails_by_chance_is_not_confirmed(world):
    row = search(world(lambda block: block.index == 0 and block.config.latent_dim == 1))
    assert row.verdict == "INCONCLUSIVE"
    assert "on fresh seeds 0 of " in row.note


def test_a_search_is_told_how_close_a_vae_comes_to_failing(lab, planted_lab):
    assert lab.examine(PLANTED, CONTEXT) == pytest.approx(
        values(Block(CONTEXT.config("digits", "quick")), "")["rate"].high.mean()
    )
    lab.search_budget = 1
    assert lab.examine(PLANTED, OTHER) is None  # beyond the budget
    hopeless = planted_lab(values, converged=lambda block: np.arange(8) < 1)
    hopeless.case = lab.case
    assert hopeless.examine(PLANTED, CONTEXT) is None  # one replica is no mean


def test_observed_is_the_record_of_a_context():
    ones = np.ones(2)
    observed = Observed(CONTEXT, np.arange(2), ones, ones, ones > 0, ones > 0)
    assert observed.where(observed, at_least=2).applicable.tolist() == [False, False]
    assert observed.applicable.all()  # the first is unchanged


def test_hypothesis_shows_a_short_text():
    lab = Lab(SimpleNamespace(backend="jax"), "quick", "digits", case=Case(PLANTED, {"measure": "x" * 1000}))
    assert pretty(lab) == repr(lab) == "<Lab: digits at scale quick on jax>"
