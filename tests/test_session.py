"""One run over planted VAEs: looks, confirmation, searches, identities, records and plans; nothing is trained."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.design.claim import Claim, Estimand
from study.design.contexts import Context, search_space
from study.errors import EvidenceError, InvalidValue, TrainingDiverged
from study.evidence.admission import DRAFTS
from study.evidence.store import Store
from study.lab.bodies import Body
from study.lab.collecting import Searching
from study.lab.lab import Lab
from study.lab.reading import FRESH_BLOCK
from study.measures.tools.bracket import Bracket
from study.seeds import ROOT
from study.verdicts.looks import LOOKS

DESIGN = tuple(Context.of(kl_weight=weight, latent_dim=2) for weight in (0.5, 1.0, 2.0))
SWINGS = np.tile([-1.0, 1.0], 4)  # around 0, however many replicas are looked at
STEADY = 2 + 0.1 * SWINGS


def module(kind="most", body=None, search=None, seed_root="", name="planted", registered="", **thresholds):
    """A claim with a row for each threshold, in place of the module of a test; its search, and an identity."""
    thresholds = thresholds or {"row": 0.0}

    def estimand(row):
        number, predicted = thresholds[row] if isinstance(thresholds[row], tuple) else (thresholds[row], "")
        return Estimand(number, "nats", predicted=predicted, kind=kind)

    claim = Claim(
        id=name, registered=registered, statement="", source="", chapter="", parameters={"row": tuple(thresholds)},
        estimand=estimand, design=DESIGN, search=search, seed_root=seed_root,
    )  # fmt: skip

    @given(context=claim.contexts())
    def test_planted(lab, row, context):
        lab.observe(claim, lab.run(context).value("rate"))

    return SimpleNamespace(CLAIM=claim, test_planted=body(claim) if body else test_planted)


def bodies(module, search=False):
    """The bodies of its rows, as the plugin hands them over."""
    lab = Lab("quick", "digits")
    rows = [{}] if search else [{"row": row} for row in module.CLAIM.parameters["row"]]
    return [
        Body.of(
            "-".join(["test_planted", *row.values()]),
            partial(module.test_planted, lab=lab, **row),
            module.CLAIM,
            row,
            lab,
            search=search,
        )
        for row in rows
    ]


def judged(run, module, search=False):
    """The row of a claim with one row, or of its search."""
    (body,) = bodies(module, search)
    run.collect([body])
    return run.judge(body).row


@pytest.fixture
def session(planted_session):
    """A session whose VAEs have the rates ``rates(block)``, and the blocks that it asked for, as they were."""

    def make(rates, **options):
        asked = []

        def values(block, measure):
            asked.append(block)
            return Bracket(*(np.broadcast_to(rates(block), 8).astype(float),) * 2)

        return planted_session(values, **options), asked

    return make


def weight(block):
    return block.config.kl_weight


def test_a_row_that_lacks_replicas_is_looked_at_again_and_a_decided_one_is_not(session):
    run, asked = session(lambda block: SWINGS)
    row = judged(run, module())
    assert (row.verdict, row.reason, row.replicas) == ("INCONCLUSIVE", "too few replicas", 16)
    assert {block.index for block in asked} == {0, 1}
    run, asked = session(lambda block: STEADY)
    row = judged(run, module())
    assert (row.verdict, row.replicas, row.looks) == ("SUPPORTED", 8, (8, 16))
    assert {block.index for block in asked} == {0}


def test_a_later_look_decides_by_all_replicas(session):
    run, _ = session(lambda block: STEADY if block.index else SWINGS)
    row = judged(run, module())
    assert (row.verdict, row.replicas, row.reach, row.count) == ("SUPPORTED", 16, 3 * 12, 3 * 16)
    assert len(run.engine.trained) == 3 * 2


def test_contexts_that_contradict_each_other_are_decided_and_fail_unless_predicted(session):
    for predicted, word in (("MIXED", "M"), ("SUPPORTED", "F"), ("", "M")):
        run, asked = session(lambda block: STEADY if weight(block) != 1.0 else -STEADY, strict=True)
        (body,) = rows = bodies(module(row=(0.0, predicted)))
        run.collect(rows)
        text, failure = run.verdict(body)
        assert run.status(text, failed=bool(failure))[1] == word
        assert ("found MIXED" in failure) == (word == "F")
        assert {block.index for block in asked} == {0}


def test_replicas_that_were_asked_for_are_one_look(session):
    run, asked = session(lambda block: SWINGS, replicas=4)
    row = judged(run, module())
    assert (row.replicas, row.looks) == (4, (4,))
    assert {block.index for block in asked} == {0}


def test_replicas_that_diverged_are_no_evidence(planted_session):
    run = planted_session(lambda b, m: Bracket(*(np.full(8, 2.0),) * 2), lambda b: np.arange(8) > 2)
    row = judged(run, module())
    assert (row.diverged, row.replicas, row.count) == (9, 5, 15)


# Claims about every VAE.


@pytest.mark.parametrize(("fresh", "verdict"), [(STEADY - 4, "REFUTED"), (STEADY, "SUPPORTED")])
def test_a_counterexample_counts_on_fresh_seeds_only(session, fresh, verdict):
    def rates(block):
        return STEADY if weight(block) != 1.0 else fresh if block.index >= FRESH_BLOCK else STEADY - 4

    run, asked = session(rates)
    made = module("every")
    row = judged(run, made)
    assert (row.verdict == "REFUTED") == (verdict == "REFUTED")
    confirming = {(weight(block), block.index) for block in asked if block.index >= FRESH_BLOCK}
    assert confirming == {(1.0, FRESH_BLOCK), (1.0, FRESH_BLOCK + 1)}  # of this context alone, sixteen seeds
    later = {weight(block) for block in asked if 0 < block.index < FRESH_BLOCK}
    assert later == (set() if verdict == "REFUTED" else {1.0})  # it alone is looked at again
    evidence = run.judge(bodies(made)[0]).evidence
    (series,) = [s for s in evidence.observations if s.context.startswith("fresh: ")]
    assert series.replicas == tuple(range(8 * FRESH_BLOCK, 8 * FRESH_BLOCK + 16))


# Searches.


def searching(space, **changes):
    made = module(search=Estimand(0.0, "nats", predicted="REFUTED"), **changes)

    @settings(max_examples=200)
    @given(context=space)
    def test_every(lab, context):
        lab.examine(made.CLAIM, lab.run(context).value("rate"))

    return SimpleNamespace(CLAIM=made.CLAIM, test_planted=test_every)


SPACE = search_space()  # 72 contexts


def test_a_search_finds_the_smallest_counterexample_and_confirms_it(session):
    run, asked = session(lambda block: STEADY if weight(block) > 0.3 or block.config.latent_dim < 2 else -STEADY)
    row = judged(run, searching(SPACE), search=True)
    assert (row.kind, row.verdict, row.reason) == ("search", "REFUTED", "counterexample confirmed")
    assert "latent_dim=2, width=8, kl_weight=0.25 (" in row.note  # shrunken: all smaller or plainer ones hold
    assert len(row.examined) <= Searching.bound
    assert list(row.examined.values()) == sorted(row.examined.values())
    assert {block.index for block in asked} == {0, FRESH_BLOCK, FRESH_BLOCK + 1}


def test_a_search_that_finds_none_ends_at_its_bound(session):
    run, asked = session(lambda block: STEADY)
    row = judged(run, searching(SPACE), search=True)
    assert (row.verdict, row.reason) == ("INCONCLUSIVE", "no counterexample found")
    assert len(row.examined) == len({block.config for block in asked}) == Searching.bound


def test_a_candidate_that_fresh_seeds_do_not_confirm_refutes_nothing(session):
    run, _ = session(lambda block: STEADY if block.index >= FRESH_BLOCK else -STEADY)
    row = judged(run, searching(SPACE), search=True)
    assert (row.verdict, "on fresh seeds 0 of" in row.note) == ("INCONCLUSIVE", True)


def test_a_candidate_that_a_later_look_takes_back_goes_on(session, monkeypatch):
    """Below at eight, not confirmed, and no candidate at 16: what fresh seeds said is kept, and decides nothing."""
    monkeypatch.setitem(LOOKS, "quick", (8, 16, 24))
    wide = 9 * np.array([-1.0, 1.0] * 4)  # says nothing
    run, asked = session(lambda block: wide if block.index else -STEADY)
    assert judged(run, module("every")).verdict == "INCONCLUSIVE"
    assert {block.index for block in asked} >= {0, 1, 2, FRESH_BLOCK}


# Identities.


def identity(error):
    def body(claim):
        @given(n=st.integers(0, 1000))
        def test_planted(lab, row, n):
            lab.exact(claim, error(n))

        return test_planted

    return module("exact", body, row=1e-3)


@pytest.mark.parametrize(
    ("error", "verdict", "median", "note"),
    [
        (lambda n: -1e-4 if n == 0 else 0.0, "SUPPORTED", 1e-4, r"tolerance 0.001; \d+ cases, largest error 0.0001"),
        (lambda n: float(n >= 10) * n, "REFUTED", 10, "tolerance 0.001; violated, error 10: n=10"),
        (lambda n: float("nan"), "REFUTED", None, "tolerance 0.001; violated, error nan: n=0"),
    ],
)
def test_an_identity_leaves_a_row_with_its_cases_or_the_shrunken_one(session, error, verdict, median, note):
    run, asked = session(lambda block: STEADY)
    (body,) = bodies(identity(error))
    run.collect([body])
    text, failure = run.verdict(body)
    run.record(text)
    (row,) = Store(run.options.results).rows()
    assert (row.kind, row.verdict, row.median, failure) == ("exact", verdict, median, "")
    assert re.fullmatch(note, row.note)
    assert not asked


# Verdicts and records.


@pytest.mark.parametrize(
    ("threshold", "strict", "fails"),
    [
        ((0.0, "SUPPORTED"), True, False),
        ((0.0, "REFUTED"), False, True),
        ((9.0, "SUPPORTED"), False, True),
        ((2.0, "SUPPORTED"), False, False),
        ((2.0, "SUPPORTED"), True, True),
        (9.0, True, False),
    ],
)
def test_a_test_fails_against_its_prediction_and_where_strict_undecided(session, threshold, strict, fails):
    run, _ = session(lambda block: STEADY, strict=strict, repeat="--study-scale quick")
    (body,) = bodies(module(row=threshold))
    run.collect([body])
    text, failure = run.verdict(body)
    assert text
    assert bool(failure) == fails
    if fails:
        assert "repeat: KERAS_BACKEND=jax pytest --study-scale quick test_planted-row" in failure


def test_an_error_of_the_study_is_a_line_and_any_other_is_raised(session):
    for error, expected in ((TrainingDiverged("at step 3"), True), (ZeroDivisionError("a bug"), False)):

        def rates(block, error=error):
            raise error

        run, _ = session(rates)
        (body,) = bodies(module())
        run.collect([body])
        if expected:
            assert run.verdict(body) == ("", "at step 3")
        else:
            with pytest.raises(ZeroDivisionError):
                run.verdict(body)
        assert not run.options.results.exists()


def test_rows_are_recorded_beside_those_of_earlier_runs_and_vaes_are_counted_once(session):
    run, _ = session(lambda block: STEADY)
    rows = bodies(module(one=0.0, two=1.0))
    run.collect(rows)
    for body in rows:
        run.record(run.verdict(body)[0])
    run.close()
    results = Store(run.options.results)
    before = results.rows()
    assert [(one.cost.trained, one.cost.recalled) for one in run.judged] == [(24, 0), (0, 24)]
    (manifest,) = results.manifests().values()
    assert (manifest.trained, manifest.recalled, set(manifest.rows)) == (
        24, 24, {"planted[row=one]@digits", "planted[row=two]@digits"},
    )  # fmt: skip
    again, _ = session(lambda block: STEADY + 1, results=run.options.results, replicas=4)
    again.collect(rows[1:])
    again.record(again.verdict(rows[1])[0])
    assert results.rows()[0] == before[0]
    assert (results.rows()[1].replicas, results.rows()[1].median) == (4, pytest.approx(3))
    said = " ".join(again.summary(80, color=False).split())
    assert f"not recorded (--study-record), kept in {run.options.results}" in said


def test_a_run_that_is_ended_says_what_is_kept_and_how_to_go_on(session):
    run, asked = session(lambda block: STEADY, command="pytest claims -x")
    rows = bodies(module())
    run.collect(rows)
    run.begin()
    assert run.engine.pending == 3
    assert not asked  # nothing is waited for
    assert run.close() == "study: 0 VAEs of this run are kept; go on: KERAS_BACKEND=jax pytest claims -x\n"
    assert not run.options.results.exists()


def test_all_is_asked_for_once_in_the_order_of_the_tests(session):
    run, asked = session(lambda block: STEADY)
    rows = bodies(module(one=0.0, two=0.0))
    run.collect(rows)
    run.begin()
    waiting = [task.block for unit in run.engine._pool.waiting for task in unit.tasks]
    assert len(waiting) == len(set(waiting)) == 3
    for body in rows:
        run.judge(body)
    assert asked == waiting


# What cannot work.


def test_rows_of_another_setting_are_refused_before_anything_is_trained(session):
    run, _ = session(lambda block: STEADY)
    (body,) = rows = bodies(module())
    run.collect(rows)
    run.record(run.verdict(body)[0])
    run.check()
    for name in ("seed_root", "precision"):
        other, asked = session(lambda block: STEADY, results=run.options.results)
        other.setting = replace(run.setting, **{name: "another"})
        other.collect(rows)
        with pytest.raises(InvalidValue, match=f"--study-{name.replace('_', '-')}: .*received 'another'"):
            other.check()
        assert not asked


def test_a_damaged_record_is_named_before_anything_is_trained(session):
    run, _ = session(lambda block: STEADY)
    (body,) = rows = bodies(module())
    run.collect(rows)
    run.record(run.verdict(body)[0])
    run.close()
    for path in run.options.results.glob("quick/jax/*.json"):
        whole = path.read_bytes()
        path.write_bytes(whole[:-9])
        with pytest.raises(EvidenceError, match=re.escape(str(path))):
            run.check()
        path.write_bytes(whole)
    run.check()


@pytest.mark.parametrize("name", ["manifest", "a/b", ""])
def test_a_claim_whose_id_is_no_file_name_is_refused_before_anything_is_trained(session, name):
    run, _ = session(lambda block: STEADY)
    run.collect(bodies(module(name=name)))
    with pytest.raises(InvalidValue, match="claim: "):
        run.check()


# Plans, and claims with a seed root of their own.


@pytest.mark.parametrize(("kind", "later"), [("most", 2), ("every", 2 + 2)])
def test_a_plan_bounds_later_looks(session, monkeypatch, kind, later):
    """Of 24 replicas the second and the third block; and of every VAE two blocks on fresh seeds."""
    monkeypatch.setitem(LOOKS, "quick", (8, 24))
    run, asked = session(lambda block: STEADY)
    run.collect(bodies(module(kind)))
    text = run.plan_text()
    assert "together 3 blocks, 24 VAEs" in text
    first = float(re.search(r"24 VAEs, (\S+) FLOP", text)[1])
    assert float(re.search(r"needed them: (\S+) FLOP", text)[1]) == pytest.approx(later * first, rel=0.1)
    assert not asked
    assert not run.options.results.exists()


def test_a_claim_may_have_a_seed_root_of_its_own(session):
    """Its VAEs and its row are of that root, a draft's of drafts'; a root that the user names comes first."""
    for named, date, expected in ((ROOT, "2026-11-30", "anew"), (ROOT, "", DRAFTS), ("mine", "2026-11-30", "mine")):
        run, asked = session(lambda block: STEADY, seed_root=named)
        run.setting = replace(run.setting, seed_root=named)
        row = judged(run, module(seed_root="anew", registered=date))
        assert row.seed_root == expected
        assert {block.setting.seed_root for block in asked} == {expected}
