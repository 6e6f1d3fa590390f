"""Judging: from planted observations to a row, its error budget, its looks, and what it asks for next."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.design.claim import Claim, Estimand
from study.errors import EvidenceError
from study.evidence.judging import Setting, judge, judge_search, samples
from study.evidence.records import Observation
from study.lab.lab import Case
from study.seeds import ROOT, generator

THRESHOLD = 0.5
CLAIM = Claim(
    id="planted",
    statement="A planted number is at least a half.",
    source="nobody",
    parameters={"measure": ("a", "b"), "axis": ("x", "y", "z")},
    estimand=lambda measure, axis: Estimand(THRESHOLD, "nats", "SUPPORTED" if axis == "x" else ""),
    grid={"latent_dim": (1, 2, 4, 8)},
    size=3,
)
EVERY = replace(CLAIM, kind="universal")
SEARCH = replace(CLAIM, search=Estimand(THRESHOLD, "ratio", "REFUTED"))
QUICK = Setting.of("quick", "digits", "jax")
STANDARD = Setting.of("standard", "digits", "jax")


def observe(case, context, values, width=0.0, fresh=False, first=0):
    """Plant one value per replica in a context; a bracket of some width; NaN has not converged."""
    case.contexts[str(context)] = context
    into = case.fresh if fresh else case.observations
    for replica, value in enumerate(values, first):
        seen = Observation(
            claim=case.claim.id, parameters=case.parameters, data="digits", context=str(context), replica=replica,
            low=float(value - width / 2), high=float(value + width / 2),
        )  # fmt: skip
        into[seen.identity] = seen


def planted(claim=CLAIM, mean=1.0, sd=0.1, replicas=8, width=0.0, key="", **changes):
    """A case whose every context holds normal draws; ``changes`` are the parameters."""
    case = Case(claim, {"measure": "a", "axis": "x"} | changes, replicas=replicas)
    for context in claim.design:
        draws = generator("judging", str(context), key).normal(mean, sd, replicas)
        observe(case, context, draws, width)
    return case


@given(st.dictionaries(st.sampled_from("abc"), st.lists(st.sampled_from([math.nan, 0.25, 1.5]), min_size=1)))
def test_samples_keep_every_converged_replica_and_count_the_others(found):
    observations = [
        Observation(claim="c", parameters={}, data="d", context=c, replica=r, low=v, high=v + 1)
        for c, values in found.items()
        for r, v in enumerate(values)
    ]
    for sample in samples(observations, "abc"):
        kept = [v for v in found.get(sample.context, []) if not math.isnan(v)]
        assert sample.low.tolist() == kept
        assert sample.high.tolist() == [v + 1 for v in kept]
        assert sample.unconverged == len(found.get(sample.context, [])) - len(kept)


@pytest.mark.parametrize(
    ("mean", "sd", "width", "verdict", "reason"),
    [
        (1.0, 0.05, 0, "SUPPORTED", ""),
        (0.0, 0.05, 0, "REFUTED", ""),
        (0.5, 0.5, 0, "INCONCLUSIVE", "too few replicas"),
        (0.5, 0.01, 1, "INCONCLUSIVE", "floor-bound"),
        (1.3, 0.01, 1, "SUPPORTED", ""),  # the unfavourable end is 0.8
        (math.nan, 0.05, 0, "INCONCLUSIVE", "not converged"),
    ],
)
def test_a_planted_mean_is_judged_rightly(mean, sd, width, verdict, reason):
    row, more = judge(planted(mean=mean, sd=sd, width=width), QUICK)
    assert (row.verdict, row.reason, more) == (verdict, reason, None)
    assert (row.predicted, row.threshold, row.unit, row.contexts, row.kind) == ("SUPPORTED", 0.5, "nats", 3, "mean")


def test_the_row_says_where_it_comes_from():
    case = planted(axis="y")
    case.tally.devices |= {"cuda", "cpu"}
    row, _ = judge(case, QUICK)
    assert (row.data, row.scale, row.backend, row.device, row.predicted) == ("digits", "quick", "jax", "cpu+cuda", "")
    assert set(row.spread) == {str(c) for c in CLAIM.design}
    assert row.estimate == pytest.approx(np.mean(list(row.spread.values())))
    assert row.identity == ("planted", (("axis", "y"), ("measure", "a")), "digits")
    assert (row.seed_root, row.beside) == (ROOT, {})


def test_other_readings_stand_beside_the_verdict_and_do_not_touch_it():
    case = planted(mean=1.0)
    before, _ = judge(case, QUICK)
    case.beside["otherwise"] = {str(CLAIM.design[0]): -1.0}
    after, _ = judge(case, QUICK)
    assert after == replace(before, beside={"otherwise": {str(CLAIM.design[0]): -1.0}})


def test_a_prediction_made_in_hindsight_is_none_on_the_same_seeds():
    claim = replace(CLAIM, estimand=lambda **_: Estimand(0.5, "nats", "REFUTED", "SUPPORTED, lately", ROOT))
    for root, predicted in ((ROOT, ""), ("fresh", "REFUTED")):
        case = planted()
        case.claim = claim
        row, _ = judge(case, Setting.of("quick", "digits", "jax", root=root))
        assert (row.predicted, row.overturned, row.seed_root) == (predicted, "SUPPORTED, lately", root)


def test_the_budget_is_shared_among_the_declared_rows_whatever_is_run():
    assert judge(planted(), QUICK)[0].level == pytest.approx(1 - 0.05 / 6)
    assert judge(planted(SEARCH), QUICK)[0].level == pytest.approx(1 - 0.05 / 7)  # the search is a row of its own
    assert judge(planted(), STANDARD)[0].level == pytest.approx(1 - 0.05 / 3 / 6)


def test_part_of_a_design_is_not_judged():
    case = planted()
    missing = str(CLAIM.design[1])
    del case.contexts[missing]
    with pytest.raises(EvidenceError, match=missing):
        judge(case, QUICK)


def test_looks_buy_replicas_until_the_last_one():
    asked = []
    for replicas in (8, 16, 32):
        row, more = judge(planted(mean=0.5, sd=0.5, replicas=replicas), STANDARD)
        assert row.reason == "too few replicas"
        asked.append(more and (more.replicas, more.fresh_for))
    assert asked == [(16, frozenset()), (32, frozenset()), None]


def test_more_replicas_are_bought_only_where_they_help():
    for case in (planted(), planted(mean=0.5, sd=0.01, width=1), planted(mean=math.nan)):
        assert judge(case, STANDARD)[1] is None


def test_a_number_of_replicas_asked_for_is_one_look():
    setting = Setting.of("standard", "digits", "jax", 4)
    row, more = judge(planted(mean=0.5, sd=0.5, replicas=4), setting)
    assert (setting.looks, row.replicas, more) == ((4,), 4, None)
    assert row.level == pytest.approx(1 - 0.05 / 6)


# Claims about every VAE.


def test_a_counterexample_counts_once_fresh_seeds_confirm_it():
    bad, *_ = EVERY.design
    for truth, verdict in ((0.0, "REFUTED"), (1.0, "INCONCLUSIVE")):
        case = planted(EVERY)
        observe(case, bad, np.linspace(-0.1, 0.1, 8))
        row, more = judge(case, QUICK)
        assert row.verdict == "INCONCLUSIVE"  # not before it is confirmed
        assert (more.replicas, more.fresh_for) == (8, {str(bad)})
        case.fresh_for = more.fresh_for
        observe(case, bad, truth + np.linspace(-0.1, 0.1, 8), fresh=True, first=8)
        row, more = judge(case, QUICK)
        assert (row.verdict, row.kind) == (verdict, "universal")
        assert (row.reason == "counterexample confirmed") == (verdict == "REFUTED")


def test_a_claim_about_every_vae_is_supported_by_every_context():
    row, more = judge(planted(EVERY, sd=0.05), QUICK)
    assert (row.verdict, more) == ("SUPPORTED", None)
    assert "3 of 3 contexts" in row.note


def test_a_context_that_the_claim_says_nothing_about_is_left_out():
    case = planted(EVERY, sd=0.05)
    left = str(EVERY.design[0])
    case.observations = {key: o for key, o in case.observations.items() if o.context != left}
    row, _ = judge(case, QUICK)
    assert (row.verdict, row.contexts) == ("SUPPORTED", 2)
    assert "not applicable in 1 of 3" in row.note


@pytest.mark.parametrize("kind", ["mean", "universal"])
def test_false_verdicts_stay_within_the_budget(kind):
    """At the threshold itself each wrong verdict has probability α / 2 at most: here 5 %, of 300, 15 ± 3.8."""
    claim = replace(CLAIM, kind=kind, parameters={"measure": ("a",), "axis": ("x",)})
    setting = replace(QUICK, alpha=0.1)
    verdicts = []
    for i in range(300):
        case = planted(claim, mean=THRESHOLD, sd=0.3, key=str(i))
        row, more = judge(case, setting)
        if more is not None:
            case.fresh_for = more.fresh_for
            for context in case.fresh_for:
                observe(
                    case, case.contexts[context], generator("fresh", context, i).normal(THRESHOLD, 0.3, 8), fresh=True
                )
            row, _ = judge(case, setting)
        verdicts.append(row.verdict)
    assert verdicts.count("SUPPORTED") <= 15 + 3 * 3.8
    assert verdicts.count("REFUTED") <= 15 + 3 * 3.8


# Searches.


def searched(found=(), examined=5):
    case = Case(SEARCH, {"form": "every VAE"})
    case.examined = dict.fromkeys(map(str, range(examined)))
    for context in found:
        observe(case, context, np.linspace(-0.1, 0.1, 8))
    return case


def test_a_search_that_finds_nothing_decides_nothing():
    row, more = judge_search(searched(), QUICK)
    assert (row.verdict, row.reason, row.kind, more) == ("INCONCLUSIVE", "no counterexample found", "search", None)
    assert row.note == "none of 5 VAEs examined fails"
    assert row.estimate is None


@pytest.mark.parametrize(
    ("small_fails", "large_fails", "verdict", "reported", "confirmed"),
    [
        (True, True, "REFUTED", "small", 2),
        (False, True, "REFUTED", "large", 1),  # what failed by chance is not what is reported
        (False, False, "INCONCLUSIVE", "small", 0),
    ],
)
def test_every_candidate_is_put_to_fresh_seeds(small_fails, large_fails, verdict, reported, confirmed):
    small, *_, large = SEARCH.design
    case = searched([large, small])
    row, more = judge_search(case, QUICK)
    assert (row.verdict, more.fresh_for) == ("INCONCLUSIVE", {str(small), str(large)})
    case.fresh_for = more.fresh_for
    for context, fails in ((small, small_fails), (large, large_fails)):
        observe(case, context, (0.0 if fails else 1.0) + np.linspace(-0.1, 0.1, 16), fresh=True, first=8)
    row, more = judge_search(case, QUICK)
    assert (row.verdict, row.predicted, row.unit, row.kind, more) == (verdict, "REFUTED", "ratio", "search", None)
    smallest = small if reported == "small" else large
    assert row.note.startswith(f"smallest found of 5 VAEs examined: {smallest} (")
    assert f"on fresh seeds {confirmed} of 2 candidates confirmed" in row.note
    # Of the fresh seeds, which selection has not biased.
    assert row.estimate == pytest.approx(0.0 if confirmed else 1.0, abs=1e-9)


def test_a_search_is_seldom_wrong():
    """Two VAEs at the threshold: REFUTED with probability 5 % at most; here of 300, 15 ± 3.8."""
    refuted = 0
    for i in range(300):
        case = searched(SEARCH.design[:2])
        judge_search(case, QUICK)
        case.fresh_for = frozenset(case.contexts)
        for text, context in case.contexts.items():
            observe(case, context, generator("search", text, i).normal(THRESHOLD, 0.3, 16), fresh=True, first=8)
        refuted += judge_search(case, QUICK)[0].verdict == "REFUTED"
    assert refuted <= 15 + 3 * 3.8
