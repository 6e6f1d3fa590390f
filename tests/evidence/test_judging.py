"""Judging: from planted observations to a row and what it asks for next, by the rule of its kind; and again."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.errors import EvidenceError, InvalidValue
from study.evidence.judging import Terms, judge, judge_again, judge_identity, samples
from study.evidence.records import ClaimWords, Evidence, Observation
from study.evidence.store import Store
from study.verdicts.judgement import Judgement, More
from study.verdicts.looks import LOOKS
from study.verdicts.word import judge_most

DESIGN = ("one", "two", "three")
TERMS = Terms(
    claim="planted",
    parameters={"measure": "a", "axis": "x"},
    data="digits",
    scale="quick",
    backend="jax",
    device="cpu",
    kind="most",
    threshold=0.5,
    unit="nats",
    declared=6,
    looks=(8,),
    alpha=0.05,
    predicted="SUPPORTED",
    seed_root="planted",
    contexts=DESIGN,
)
EVERY = replace(TERMS, kind="every")
EXAMINED = ("width=8", "width=16", "width=32", "width=64")
SEARCH = replace(TERMS, kind="search", parameters={"form": "every VAE"}, contexts=EXAMINED, sizes=(5, 5, 70, 90))
EXACT = replace(TERMS, kind="exact", parameters={"form": "identity"}, contexts=())


def seen(values, contexts=DESIGN, width=0.0, of=8):
    """Plant as many values in each context, spread about by little; a bracket of some width; NaN diverged."""
    return [
        Observation(
            claim="planted", parameters=TERMS.parameters, data="digits", context=context, replica=replica,
            low=float(value - width / 2), high=float(value + width / 2),
        )
        for context in contexts
        for replica, value in enumerate(np.resize(values, of) + 0.01 * np.arange(of))
    ]  # fmt: skip


@given(st.dictionaries(st.sampled_from("abc"), st.lists(st.sampled_from([math.nan, 0.25, -math.inf]), min_size=1)))
def test_samples_keep_every_finite_replica_and_count_the_others(found):
    observations = [
        Observation(claim="c", parameters={}, data="d", context=c, replica=r, low=v, high=v + 1)
        for c, values in found.items()
        for r, v in enumerate(values)
    ]
    for sample, size in zip(samples(observations, "abc", (3, 2, 1)), (3, 2, 1), strict=True):
        kept = [v for v in found.get(sample.context, []) if not math.isnan(v)]
        assert sample.low.tolist() == kept
        assert sample.high.tolist() == [v + 1 for v in kept]
        assert (sample.diverged, sample.size) == (len(found.get(sample.context, [])) - len(kept), size)


def test_an_observation_of_no_context_is_refused():
    with pytest.raises(EvidenceError, match=r"expected one of .*received 'elsewhere'"):
        judge(TERMS, [*seen(1.0), *seen(1.0, ["elsewhere"])], 8)


@pytest.mark.parametrize(
    ("value", "width", "verdict", "reason"),
    [
        (1.0, 0, "SUPPORTED", ""),
        (0.0, 0, "REFUTED", "negligible"),
        (-9.0, 0, "REFUTED", "opposite"),
        (-math.inf, 0, "REFUTED", "opposite"),
        ([0.0, 1.0], 0, "INCONCLUSIVE", "too few replicas"),
        (0.45, 1, "INCONCLUSIVE", "floor-bound"),
        (1.3, 1, "SUPPORTED", ""),  # the unfavourable end is 0.8
        (math.nan, 0, "INCONCLUSIVE", "diverged"),
    ],
)
def test_a_planted_value_is_judged_rightly(value, width, verdict, reason):
    row, more = judge(TERMS, seen(value, width=width), 8)
    assert (row.verdict, row.reason, more) == (verdict, reason, None)
    assert (row.predicted, row.threshold, row.unit, row.kind) == ("SUPPORTED", 0.5, "nats", "most")


def test_contexts_that_contradict_each_other_are_mixed():
    row, _ = judge(TERMS, [*seen(9.0, DESIGN[:2]), *seen(0.0, DESIGN[2:])], 8)
    assert (row.verdict, row.note) == ("MIXED", "holds in one; two, fails in three")


def test_the_row_says_all_that_it_was_judged_by_and_all_that_was_found():
    terms = replace(TERMS, device="cpu+cuda", zero=0.25, precision="tf32", looks=LOOKS["full"])
    row, _ = judge(terms, seen(1.0), 8)
    assert Terms.of(row, DESIGN) == terms
    judged, _ = judge_most(samples(seen(1.0), DESIGN), terms.rule, 8)
    assert {one.name: getattr(row, one.name) for one in fields(Judgement)} == vars(judged)
    assert [one.context for one in row.contexts] == list(DESIGN)
    assert (row.replicas, len(row.judged_in)) == (8, 3)
    assert row.identity == ("planted", (("axis", "x"), ("measure", "a")), "digits")
    assert (row.secondary, row.examined) == ({}, {})


def test_secondary_readings_do_not_touch_the_verdict():
    before, _ = judge(TERMS, seen(1.0), 8)
    readings = {"otherwise": {"one": -1.0}}
    assert judge(TERMS, seen(1.0), 8, secondary=readings)[0] == replace(before, secondary=readings)


def test_the_level_is_shared_among_declared_rows_and_looks_whatever_is_run():
    def allowed(declared, looks=(8,)):
        return judge(replace(TERMS, declared=declared, looks=looks), seen(1.0), 8)[0].allowed

    assert [allowed(rows) for rows in (1, 2, 6, 16, 60)] == [7, 6, 5, 4, 4]
    assert allowed(2, (8, 16, 32)) == allowed(6)


def test_part_of_a_design_is_not_judged():
    part = seen(1.0, ("one", "three"))
    with pytest.raises(EvidenceError, match="two"):
        judge(TERMS, part, 8, seen={"one", "three"})
    assert judge(TERMS, part, 8, seen=set(DESIGN)) == judge(TERMS, part, 8)


def test_looks_buy_replicas_until_the_last_one():
    terms = replace(TERMS, looks=LOOKS["full"])
    asked = [judge(terms, seen([0.0, 1.0], of=of), of)[1] for of in (8, 16, 32)]
    assert asked == [More(16), More(32), None]
    for found in (seen(1.0), seen(0.45, width=1), seen(math.nan)):
        assert judge(terms, found, 8)[1] is None


def test_a_counterexample_counts_once_fresh_seeds_confirm_it():
    found = [*seen(0.0, DESIGN[:1]), *seen(1.0, DESIGN[1:])]
    for truth, verdict in ((0.0, "REFUTED"), (1.0, "INCONCLUSIVE")):
        row, more = judge(EVERY, found, 8)
        assert (row.verdict, more) == ("INCONCLUSIVE", More(8, fresh_for=frozenset({"one"})))
        row, more = judge(EVERY, found, 8, fresh=seen(truth, ["one"], of=16))
        assert (row.verdict, row.kind, more) == (verdict, "every", None)
    assert judge(EVERY, seen(1.0), 8)[0].note == "in all 3 listed"


def test_a_search_reports_the_smallest_that_fresh_seeds_confirm():
    found = seen(0.0, ["width=8", "width=32"])
    row, more = judge(SEARCH, found, 8)
    assert more == More(8, fresh_for=frozenset({"width=8", "width=32"}))
    row, more = judge(SEARCH, found, 8, fresh=[*seen(1.0, ["width=8"], of=16), *seen(0.0, ["width=32"], of=16)])
    assert (row.verdict, row.kind, more) == ("REFUTED", "search", None)
    assert "width=32 (70 parameters)" in row.note
    assert list(row.examined.items()) == [("width=8", 5), ("width=16", 5), ("width=32", 70), ("width=64", 90)]
    assert judge(SEARCH, [], 8)[0].reason == "no counterexample found"


def test_an_identity_is_judged_by_its_tolerance():
    row = judge_identity(EXACT, 200, 3e-8, 1e-6)
    assert (row.verdict, row.threshold, row.median, row.count) == ("SUPPORTED", 1e-6, 3e-8, 200)
    row = judge_identity(EXACT, 12, 3e-8, 1e-6, violated=0.25, case="x=0")
    assert (row.verdict, row.reason, row.median) == ("REFUTED", "counterexample confirmed", 0.25)
    with pytest.raises(InvalidValue, match="at least one case"):
        judge_identity(EXACT, 0, 0.0, 1e-6)


# Recorded rows.


@pytest.fixture
def store(tmp_path):
    """A row of each kind, two of them with counterexamples, and one with an end at −∞, recorded."""
    store = Store(tmp_path)
    infinite = replace(TERMS, parameters={"measure": "c"})
    for terms in (TERMS, infinite, replace(EVERY, parameters={"measure": "b"}), SEARCH):
        found = seen(1.0 if terms is TERMS else -math.inf if terms is infinite else 0.0, terms.contexts)
        found = [replace(o, parameters=terms.parameters) for o in found]
        _, more = judge(terms, found, 8)
        fresh = [replace(o, replica=o.replica + 8000) for o in found] if more else []
        row, _ = judge(terms, found, 8, fresh=fresh, secondary={"s": {"one": -math.inf}})
        store.update(Evidence.gather(ClaimWords(claim="planted"), row, found, fresh, DESIGN))
    exact = judge_identity(EXACT, 200, 3e-8, 1e-6)
    store.update(Evidence.gather(ClaimWords(claim="planted"), exact, [], design=DESIGN))
    return store


def test_rows_are_judged_again_from_what_is_recorded(store):
    found = sorted((row.kind, row.verdict) for row in store.rows())
    assert found == [
        ("every", "REFUTED"), ("exact", "SUPPORTED"), ("most", "REFUTED"), ("most", "SUPPORTED"), ("search", "REFUTED"),
    ]  # fmt: skip
    assert judge_again(store) == []


@pytest.mark.parametrize(
    ("error", "short", "word"),
    [(2e-6, 0, "SUPPORTED"), (1e-7, 0, "REFUTED"), (None, 0, "SUPPORTED"), (1e-7, 1, "SUPPORTED")],
)
def test_the_word_of_an_identity_follows_from_its_largest_error(store, error, short, word):
    exact = replace(judge_identity(EXACT, 200, 3e-8, 1e-6), median=error, short=short, verdict=word)
    store.update(Evidence.gather(ClaimWords(claim="planted"), exact, [], design=DESIGN))
    assert [one.field for one in judge_again(store)] == ["verdict"]


@pytest.mark.parametrize(
    ("recorded", "changed", "differs"),
    [
        ('"SUPPORTED"', '"REFUTED"', "verdict"),
        ('"declared": 6', '"declared": 1', "allowed"),
        ('"threshold": 0.5', '"threshold": 1.005', "reach"),
        ('"zero": 0.0', '"zero": null', "reason"),
        ('"alpha": 0.05', '"alpha": 0.04', "share_low"),
        ('"looks": [8]', '"looks": [8, 16, 32]', "level"),
        ('"low": [1.0', '"low": [1.5', "low"),
        ('"low": ["-inf"', '"low": [1.0', "reach"),
        ('"median": 1.0', '"median": 7.0', "median"),
        ('"reach": 8, "short": 0', '"reach": 7, "short": 1', "contexts"),
        ('"width=8": 5', '"width=8": 6', "note"),
    ],
)
def test_what_no_longer_follows_is_named(store, recorded, changed, differs):
    (path,) = store.root.glob("*/*/*.json")
    text = path.read_text()
    assert recorded in text
    path.write_text(text.replace(recorded, changed))
    assert differs in {one.field for one in judge_again(store)}


def test_judging_again_imports_no_framework_no_lab_and_no_claim(store):
    code = (
        "import sys; from study.evidence.judging import judge_again; from study.evidence.store import Store; "
        f"assert judge_again(Store({str(store.root)!r})) == []; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    rooms = {name.split(".")[1] for name in done.stdout.split() if name.startswith("study.")}
    assert rooms <= {"evidence", "verdicts", "runtime", "errors", "seeds", "types"}
    assert not {"keras", "jax", "torch", "tensorflow", "claims"} & set(done.stdout.split())
