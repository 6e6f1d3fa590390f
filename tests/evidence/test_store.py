"""The store: what is written comes back, whatever the order; partial runs replace only their own; damage is named."""

from __future__ import annotations

import json
import math
import tempfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.errors import EvidenceError, InvalidValue
from study.evidence.records import Observation, VerdictRow
from study.evidence.store import Store

CLAIM = "kl_pull"
ROW = VerdictRow(
    claim=CLAIM,
    parameters={"axis": "kl_weight", "measure": "total"},
    data="digits",
    scale="quick",
    backend="jax",
    device="cpu",
    predicted="SUPPORTED",
    verdict="SUPPORTED",
    reason="",
    estimate=1.25,
    low=1.0,
    high=1.5,
    threshold=1.0,
    unit="nats",
    contexts=2,
    replicas=8,
    level=0.95,
    p_supported=0.0125,
    p_refuted=0.9875,
    spread={"b": 1.5, "a": None},
)


def observation(value=0.5, replica=0, *, high=None, **changes):
    fields = {"claim": CLAIM, "parameters": ROW.parameters, "data": "digits", "context": "a"} | changes
    return Observation(replica=replica, low=value, high=value if high is None else high, **fields)


numbers = st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(10**6), 10**6).map(float))
records = st.lists(
    st.builds(
        lambda low, high, replica, measure, data, context: observation(
            low, replica, high=high, parameters={"measure": measure}, data=data, context=context
        ),
        numbers,
        numbers,
        st.integers(0, 3),
        st.sampled_from(["total", "per dimension"]),
        st.sampled_from(["digits", "mnist"]),
        st.sampled_from(["a", 'π "quoted"', "c"]),
    ),
    max_size=12,
    unique_by=lambda o: o.identity,
)


def update(store, rows=(ROW,), observations=(), design=None, **where):
    return store.update(
        **({"scale": "quick", "backend": "jax", "claim": CLAIM} | where),
        rows=rows,
        observations=observations,
        design=design,
    )


@settings(max_examples=40, deadline=None)  # Each example writes to disk.
@given(records, st.randoms(use_true_random=False))
def test_evidence_comes_back_and_its_bytes_do_not_depend_on_order_or_repetition(observations, random):
    with tempfile.TemporaryDirectory() as folder:
        store = Store(folder)
        path = update(store, observations=observations, design=["a", {"b": [1]}])
        first = path.read_bytes()
        got = {o.identity: o for o in store.observations("quick", "jax", CLAIM)}
        assert got.keys() == {o.identity for o in observations}
        for o in observations:
            assert got[o.identity].low == pytest.approx(o.low, rel=1e-8, abs=0)
            assert got[o.identity].high == pytest.approx(o.high, rel=1e-8, abs=0)
        shuffled = [*observations, *observations]
        random.shuffle(shuffled)
        update(store, observations=shuffled)
        assert path.read_bytes() == first
        update(store, rows=store.rows(), observations=got.values())
        assert path.read_bytes() == first
        assert store.design("quick", "jax", CLAIM) == ["a", {"b": [1]}]


def test_rows_come_back(tmp_path):
    other = replace(ROW, scale="full", backend="torch", estimate=None, low=math.nan)
    update(Store(tmp_path))
    update(Store(tmp_path), [other], scale="full", backend="torch")
    store = Store(tmp_path)
    assert store.rows() == [replace(other, low=None), ROW]
    assert store.rows("quick") == store.rows(backend="jax") == [ROW]
    assert store.rows("quick", "torch") == []


def test_a_partial_run_replaces_only_its_own(tmp_path):
    store = Store(tmp_path)
    second = replace(ROW, parameters={"axis": "width", "measure": "total"})
    mine = [observation(0.1, r) for r in range(3)]
    theirs = [observation(0.2, r, parameters=second.parameters) for r in range(3)]
    elsewhere = [observation(0.3, r, data="mnist") for r in range(3)]
    update(store, [ROW, second], [*mine, *theirs, *elsewhere], design=["a"])
    changed = replace(ROW, verdict="REFUTED")
    update(store, [changed], [observation(0.9, 0, context="new")])
    assert store.rows() == [changed, second]
    assert store.observations() == [observation(0.9, 0, context="new"), *elsewhere, *theirs]
    update(store, [ROW])  # A verdict judged again from the evidence leaves the evidence alone.
    assert len(store.observations()) == 7
    assert store.design("quick", "jax", CLAIM) == ["a"]


def test_a_series_takes_one_line_and_exact_values_are_written_once(tmp_path):
    observations = [observation(1 / 3, r) for r in range(8)] + [observation(0.0, 0, high=1.0, context="b")]
    text = update(Store(tmp_path), observations=observations, design=["a", "b"]).read_text()
    series = [line for line in text.splitlines() if '"replicas": [' in line]
    assert len(series) == 2
    assert json.loads(series[0].rstrip(",")) == {
        "parameters": ROW.parameters, "data": "digits", "context": "a",
        "replicas": list(range(8)), "low": [0.333333333] * 8,
    }  # fmt: skip
    assert json.loads(series[1])["high"] == [1.0]
    assert '\n    "a",\n    "b"\n  ]' in text


def test_values_that_are_not_json(tmp_path):
    store = Store(tmp_path)
    path = update(store, observations=[observation(math.nan)])
    assert "NaN" not in path.read_text()
    assert math.isnan(store.observations()[0].low)
    payload = {"rows": [{"data": "digits", "draws": np.array([[0.5, np.nan]]), "n": np.int64(3), "x": np.float32(0.1)}]}
    store.write_exhibit("quick", "jax", "latent_plane", payload)
    assert store.exhibits("latent_plane") == {
        ("quick", "jax"): {
            "schema": 1,
            "rows": [{"data": "digits", "draws": [[0.5, None]], "n": 3, "x": 0.100000001}],
        }
    }


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda s: update(s, observations=[observation(math.inf)]), "low of"),
        (lambda s: update(s, [replace(ROW, high=-math.inf)]), "row"),
        (lambda s: s.write_exhibit("quick", "jax", "x", {"rows": [{"low": [math.inf]}]}), r"x\.rows\.low"),
        (lambda s: s.write_exhibit("quick", "jax", "x", {"rows": object()}), r"x\.rows"),
        (lambda s: s.write_exhibit("quick", "jax", "x", {"schema": 2}), "schema"),
        (lambda s: s.write_exhibit("quick", "jax", "../x", {}), "exhibit"),
        (lambda s: update(s, [], scale=".."), "scale"),
        (lambda s: update(s, [], claim="manifest"), "claim"),
        (lambda s: update(s, [replace(ROW, backend="torch")]), "rows"),
        (lambda s: update(s, observations=[observation(claim="other")]), "observations"),
        (lambda s: update(s, observations=[observation(0.1), observation(0.2)]), "observations"),
    ],
)
def test_refusals_name_the_argument_and_write_nothing(tmp_path, call, argument):
    with pytest.raises(InvalidValue, match=f"^{argument}.*: expected"):
        call(Store(tmp_path / "results"))
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(
    ("damage", "received"),
    [
        (lambda text: text[: len(text) // 2], "JSON"),
        (lambda text: text.replace('"schema": 1', '"schema": 99'), "expected schema 1, received 99"),
        (lambda text: "[]", "received 'list'"),
        (lambda text: text.replace('"threshold"', '"treshold"'), "treshold"),
        (lambda text: text.replace('"low": [0.5]', '"low": []'), "observations"),
    ],
)
def test_damage_is_named(tmp_path, damage, received):
    store = Store(tmp_path)
    path = update(store, observations=[observation()])
    path.write_text(damage(path.read_text()))
    damaged = path.read_bytes()
    with pytest.raises(EvidenceError, match=received) as caught:
        store.rows(), store.observations()
    assert str(path) in str(caught.value)
    with pytest.raises(EvidenceError):
        update(store)
    assert path.read_bytes() == damaged


def test_a_manifest_keeps_the_rows_of_earlier_runs(tmp_path):
    store = Store(tmp_path)
    store.write_manifest("quick", "jax", {"device": "cpu", "rows": {"b": {"seconds": 1}, "a": {"seconds": 2}}})
    store.write_manifest("quick", "jax", {"device": "gpu", "rows": {"b": {"seconds": 3}}})
    assert store.manifests() == {
        ("quick", "jax"): {
            "schema": 1,
            "device": "gpu",
            "rows": {"a": {"seconds": 2}, "b": {"seconds": 3}},
            "scale": "quick",
            "backend": "jax",
        }
    }
    assert store.rows() == []  # The manifest is no claim.


def test_writing_is_all_or_nothing(tmp_path, monkeypatch):
    store = Store(tmp_path)
    path = update(store)
    before = path.read_bytes()

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        update(store, [replace(ROW, verdict="REFUTED")])
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_seed_roots_are_not_mixed(tmp_path):
    store = Store(tmp_path)
    update(store, [replace(ROW, seed_root="first")])
    store.check_unmixed(ROW.scale, ROW.backend, seed_root="first", precision="float32")
    store.check_unmixed(ROW.scale, "another backend", seed_root="second")
    with pytest.raises(InvalidValue, match=r"--study-precision: expected 'float32', .* received 'tf32'"):
        store.check_unmixed(ROW.scale, ROW.backend, seed_root="first", precision="tf32")
    with pytest.raises(
        InvalidValue, match=r"--study-seed-root: expected 'first', .*another folder .*received 'second'"
    ):
        store.check_unmixed(ROW.scale, ROW.backend, seed_root="second")


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


def test_an_empty_or_missing_root_holds_nothing(tmp_path):
    for store in (Store(tmp_path), Store(tmp_path / "missing")):
        assert (store.rows(), store.observations(), store.manifests(), store.exhibits("x")) == ([], [], {}, {})
        assert store.design("quick", "jax", CLAIM) == []
