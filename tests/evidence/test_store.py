"""The store: what is written comes back, whatever the order; partial runs replace only their own; damage is named."""

from __future__ import annotations

import json
import math
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from study.errors import EvidenceError, InvalidValue
from study.evidence.figure_data import LatentPlane, MarginalKL
from study.evidence.manifest import RowCost, manifest
from study.evidence.records import ClaimWords, Evidence, Observation
from study.evidence.store import Store

WORDS = ClaimWords(claim="kl_pull", statement="The KL term pulls.", words={"total": "the total"})
PARAMETERS = {"axis": "kl_weight", "measure": "total"}
OTHER = {"axis": "width", "measure": "total"}


def observation(value=0.5, replica=0, *, high=None, **changes):
    fields = {"claim": "kl_pull", "parameters": PARAMETERS, "data": "digits", "context": "a"} | changes
    return Observation(replica=replica, low=value, high=value if high is None else high, **fields)


@pytest.fixture
def put(tmp_path, make_row):
    """Record a row with its observations; what is not said is planted."""

    def put(observations=(), words=WORDS, design=("a",), **changes):
        row = make_row(**{"parameters": PARAMETERS} | changes)
        return Store(tmp_path).update(Evidence.gather(words, row, observations, design=design))

    return put


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


PLANE = LatentPlane(
    data="digits", context="a", config={"latent_dim": 2}, classes=(3,), means=((0.5, 1 / 3),), draws=((1.0, 2.0),)
)
KL = MarginalKL(
    data="digits", context="a", axis="width", levels=(2, 4), low=((0.5, None),), high=((1.0, None),),
    empirical=((0.7, None),), floor=((0.0, None),), rate=((3.0, None),),
)  # fmt: skip


def run(*rows, **changes):
    """The manifest of a run that judged these rows."""
    now = datetime(2030, 1, 2, tzinfo=UTC)
    fields = {
        **{"scale": "quick", "backend": "jax", "device": "cpu", "threads": 1, "precision": "float32"},
        **{"hypothesis_profile": "study", "seed_root": "planted", "started": now, "finished": now},
        "rows": {key: RowCost(seconds=seconds, trained=0, recalled=0) for key, seconds in rows},
        "claims": Path(),
    }
    return manifest(**fields | changes)


def test_evidence_comes_back_and_writing_it_again_changes_nothing(store, put, make_row):
    row = make_row(parameters=PARAMETERS)
    seen = [observation(1 / 3, r, high=0.5, context=context) for r in (1, 0) for context in ("c", "a")]
    first = put(seen, design=("a", "c")).read_bytes()
    (found,) = store.evidence()
    assert [o.identity for o in found.of_row(row)] == sorted(o.identity for o in seen)
    assert {(o.low, o.high) for o in store.observations()} == {(0.333333333, 0.5)}
    assert (found.rows, found.design, store.rows()) == ((row,), ("a", "c"), [row])
    assert store.claims()["kl_pull"].words == WORDS.words
    assert put(reversed(seen), design=("a", "c")).read_bytes() == first
    assert store.update(found).read_bytes() == first


def test_rows_come_back(store, put, make_row):
    put(scale="full", backend="torch", median=None, low=math.nan, high=math.inf)
    put()
    other = make_row(scale="full", backend="torch", median=None, low=None, high=math.inf)
    assert store.rows() == [other, make_row()]
    assert store.rows("quick") == store.rows(backend="jax") == [make_row()]
    assert store.rows("quick", "torch") == []


def test_a_partial_run_replaces_only_its_own(store, put, make_row):
    mine = [observation(0.1, r) for r in range(3)]
    theirs = [observation(0.2, r, parameters=OTHER) for r in range(3)]
    elsewhere = [observation(0.3, r, data="mnist") for r in range(3)]
    put(mine)
    put(theirs, parameters=OTHER)
    put(elsewhere, data="mnist")
    put([observation(0.9, 0, context="new")], verdict="REFUTED", design=())
    assert [row.verdict for row in store.rows()] == ["REFUTED", "SUPPORTED", "SUPPORTED"]
    assert store.observations() == [observation(0.9, 0, context="new"), *elsewhere, *theirs]
    assert next(store.evidence()).design == ("a",)


def test_the_examined_contexts_keep_their_order_and_the_others_get_one(store, put):
    put(kind="search", examined={"z": 1, "a": 2}, parameters=dict(reversed(OTHER.items())))
    (row,) = store.rows()
    assert [list(m) for m in (row.examined, row.parameters)] == [["z", "a"], ["axis", "measure"]]


def test_a_series_takes_one_line_and_exact_values_are_written_once(put):
    seen = [observation(1 / 3, r) for r in range(8)] + [observation(math.nan, 0, high=1.0, context="b")]
    text = put(seen, design=("a", "b")).read_text()
    series = [line for line in text.splitlines() if '"replicas": [' in line]
    assert len(series) == 2
    assert json.loads(series[0].rstrip(",")) == {
        "parameters": PARAMETERS, "data": "digits", "context": "a",
        "replicas": list(range(8)), "low": [0.333333333] * 8,
    }  # fmt: skip
    assert (json.loads(series[1])["low"], json.loads(series[1])["high"]) == ([None], [1.0])
    assert '\n    "a",\n    "b"\n  ]' in text


@pytest.mark.parametrize(
    ("changes", "argument"),
    [
        ({"scale": ".."}, "scale"),
        ({"claim": "manifest", "words": ClaimWords(claim="manifest")}, "claim"),
    ],
)
def test_refusals_name_the_argument_and_write_nothing(tmp_path, put, changes, argument):
    with pytest.raises(InvalidValue, match=f"^{argument}.*: expected"):
        put(**changes)
    assert list(tmp_path.iterdir()) == []


def test_evidence_without_a_row_is_refused(tmp_path):
    empty = Evidence(claim="kl_pull", scale="quick", backend="jax", design=(), rows=(), observations=())
    with pytest.raises(InvalidValue, match=r"^rows: expected at least one verdict row"):
        Store(tmp_path).update(empty)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("damage", "received"),
    [
        (lambda text: text[: len(text) // 2], "JSON"),
        (lambda text: text.replace('"schema": 3', '"schema": 99'), "expected schema 3, received 99"),
        (lambda text: "[]", "received 'list'"),
        (lambda text: text.replace('"threshold"', '"treshold"'), "threshold"),
        (lambda text: text.replace('"low": [0.5]', '"low": []'), "observations"),
        (lambda text: text.replace('"backend": "jax"', '"backend": "torch"'), "received that of quick, torch, kl_pull"),
    ],
)
def test_damage_is_named(store, put, unsealed, damage, received):
    path = put([observation()])
    path.write_text(damage(unsealed(path)))
    damaged = path.read_bytes()
    with pytest.raises(EvidenceError, match=received) as caught:
        store.rows()
    assert str(path) in str(caught.value)
    with pytest.raises(EvidenceError):
        put()
    assert path.read_bytes() == damaged


def test_figure_data_come_back_and_a_partial_run_replaces_only_its_own(store):
    assert store.update_figure_data("quick", "jax", []) is None
    store.update_figure_data("quick", "jax", [PLANE, replace(PLANE, context="b")])
    store.update_figure_data("quick", "jax", [replace(PLANE, classes=(4,))])
    rounded = replace(PLANE, means=((0.5, 0.333333333),))
    assert store.figure_data(LatentPlane) == {
        ("quick", "jax"): (replace(rounded, classes=(4,)), replace(rounded, context="b"))
    }
    store.update_figure_data("quick", "torch", [KL])
    store.update_figure_data("quick", "torch", [replace(KL, axis="depth")])
    assert store.figure_data(MarginalKL) == {("quick", "torch"): (replace(KL, axis="depth"), KL)}
    assert store.rows() == []  # Figure data are no claim.


def test_a_manifest_keeps_the_rows_of_earlier_runs(store):
    first, second = run(("b", 1), ("a", 2)), run(("b", 3), device="gpu")
    store.write_manifest(first)
    store.write_manifest(second)
    rows = {"a": first.rows["a"], "b": second.rows["b"]}
    assert store.manifests() == {("quick", "jax"): replace(second, rows=rows)}
    assert store.rows() == []  # The manifest is no claim.


def test_writing_is_all_or_nothing(put, monkeypatch):
    path = put()
    before = path.read_bytes()

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        put(verdict="REFUTED")
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_check_writable_leaves_nothing(tmp_path):
    Store(tmp_path / "new" / "deeper").check_writable("quick", "jax")
    assert list(tmp_path.iterdir()) == []


def test_check_writable_refuses(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.touch()
    dangling = tmp_path / "link"
    dangling.symlink_to(tmp_path / "nowhere")
    below = tmp_path / "results"  # writable itself, but not where the evidence goes
    below.mkdir()
    (below / "quick").touch()
    for path in (file, file / "below", dangling, "x" * 5000, below):
        with pytest.raises(InvalidValue, match=r"^--study-results: expected a folder that can be written to"):
            Store(path).check_writable("quick", "jax")

    def refuse(**_):
        raise PermissionError("read-only")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(InvalidValue, match=r"^--study-results"):
        Store(tmp_path).check_writable("quick", "jax")


def test_what_could_not_be_written_later_is_refused_before_anything_is_trained(store, put):
    put()
    manifest_ = store.write_manifest(run())
    figure = store.update_figure_data("quick", "jax", [PLANE])
    store.check_writable("quick", "jax")
    for path in (manifest_, figure):
        whole = path.read_text()
        path.write_text(whole.replace("digits" if path == figure else "planted", "mnist"))
        with pytest.raises(EvidenceError, match=f"{path.name}: expected content of SHA-256"):
            store.check_writable("quick", "jax")
        path.write_text(whole)


def test_an_empty_or_missing_root_holds_nothing(tmp_path):
    for store in (Store(tmp_path), Store(tmp_path / "missing")):
        assert (store.rows(), store.observations(), store.manifests(), store.claims()) == ([], [], {}, {})
        assert store.figure_data(LatentPlane) == {}
