"""Counterexamples: the file holds the smallest VAE that was confirmed, comes back as written, and follows its row."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.design.contexts import Context, search_space
from study.errors import EvidenceError
from study.evidence import serialise
from study.evidence.counterexample import Counterexample, Replay, place
from study.evidence.judging import Terms, judge
from study.evidence.records import ClaimWords, Evidence, Observation, Series
from study.evidence.store import Store
from study.vae.config import VAEConfig

SIZES = {"width=8": 5, "width=16": 7, "latent_dim=4, kl_weight=0.5": 9}
SMALL, HOLDS, LARGE = SIZES
TERMS = Terms(
    claim="planted", parameters={"form": "every VAE"}, data="digits", scale="quick", backend="jax", device="cpu",
    kind="search", threshold=0.5, unit="nats", looks=(8,), seed_root="root", contexts=tuple(SIZES),
    sizes=tuple(SIZES.values()),
)  # fmt: skip
FILE = "quick/jax/counterexamples/planted/every-VAE,digits.json"


def seen(first: int = 0, of: int = 8, **values: float) -> list[Observation]:
    """Plant values by context; those of a context grow with the replica."""
    who = {"claim": "planted", "parameters": TERMS.parameters, "data": "digits"}
    return [
        Observation(**who, context=name, replica=first + i, low=value + i / 1000, high=value + i / 1000)
        for name, value in values.items()
        for i in range(of)
    ]


def searched(small: float = 0.25, large: float = 0.125) -> Evidence:
    """The evidence of a search with two candidates, and what each is on fresh seeds."""
    found = seen(**{SMALL: 0.0, HOLDS: 1.0, LARGE: 0.0})
    fresh = seen(8000, 16, **{SMALL: small, LARGE: large})
    row, _ = judge(TERMS, found, 8, fresh=fresh)
    words = ClaimWords(claim="planted", statement="Every VAE does.")
    return Evidence.gather(words, row, found, fresh)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


def read(store: Store) -> Counterexample:
    return serialise.read(store.root / FILE, Counterexample)


def test_the_smallest_that_was_confirmed_is_kept_beside_the_evidence(store):
    store.update(searched())
    one = read(store)
    assert (one.claim, one.statement, one.context, one.size, one.examined) == (
        "planted",
        "Every VAE does.",
        SMALL,
        5,
        3,
    )
    assert VAEConfig.from_dict(one.config) == Context.read(SMALL).config("digits", "quick")
    assert one.confirmed.replicas == tuple(range(8000, 8016))
    assert one.sample.median == searched().rows[0].median == pytest.approx(0.2575)
    assert (one.threshold, one.unit, one.seed_root, one.precision) == (0.5, "nats", "root", "float32")
    store.update(searched(small=1.0))  # one that fresh seeds do not confirm is none
    assert (read(store).context, read(store).config["kl_weight"]) == (LARGE, 0.5)
    assert [path.name for path in (store.root / FILE).parent.iterdir()] == ["every-VAE,digits.json"]


def test_a_file_goes_with_its_counterexample(store):
    store.update(searched())
    store.update(searched(small=1.0, large=1.0))
    assert [row.verdict for row in store.rows()] == ["INCONCLUSIVE"]
    assert not (store.root / FILE).exists()
    assert store.write_counterexamples() == []


def test_what_lacks_its_file_gets_it_once(store):
    store.update(searched())
    whole = (store.root / FILE).read_bytes()
    (store.root / FILE).unlink()
    assert store.write_counterexamples() == [store.root / FILE]
    assert (store.root / FILE).read_bytes() == whole
    (store.root / FILE).write_bytes(whole + b"\n")
    assert store.write_counterexamples() == []
    assert (store.root / FILE).read_bytes() == whole + b"\n"  # whatever it holds


def test_a_place_stays_beneath_its_claim():
    (row,) = searched().rows
    hostile = replace(row, data="../../x y", parameters={"form": "a/../b", "other": "c d"})
    assert place(row).as_posix() == FILE
    assert place(hostile).parent == place(row).parent
    assert place(hostile).name == "a-..-b-c-d,..-..-x-y.json"


numbers = st.floats(-1e9, 0.4, allow_nan=False) | st.sampled_from([-math.inf, 1 / 3])
ends = st.lists(st.tuples(numbers, numbers), min_size=1, max_size=16).map(lambda pairs: tuple(map(sorted, pairs)))


@given(
    search_space(), ends, st.floats(allow_nan=False, allow_infinity=False), st.none() | st.text(max_size=5),
    st.booleans(),
)  # fmt: skip
def test_what_is_written_comes_back(context, ends, threshold, version, exact):
    low, high = (tuple(serialise.rounded(end) for end in side) for side in zip(*ends, strict=True))
    where = {"parameters": {"form": "every VAE"}, "data": "digits", "context": f"fresh: {context}"}
    values = {"low": low} if exact else {"low": low, "high": high}
    one = Counterexample(
        kind="counterexample", claim="planted", statement="It does.", threshold=serialise.rounded(threshold),
        unit="nats", examined=3, size=5, config=context.config("digits", "quick").as_dict(),
        confirmed=Series(**where, replicas=tuple(range(len(low))), **values), scale="quick", backend="jax",
        device="cpu", precision="float32", seed_root="root", version=version,
    )  # fmt: skip
    text = serialise.page(one)
    assert serialise.parse(text, Counterexample) == one
    assert serialise.page(serialise.parse(text, Counterexample)) == text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"schema": 3', '"schema": 4', "expected schema 3, received 4"),
        ('"kind": "counterexample"', '"kind": "manifest"', "Invalid enum value 'manifest'"),
        ('  "kind": "counterexample",\n', "", "missing required field `kind`"),
        ('  "threshold": 0.5,\n', "", "missing required field `threshold`"),
        ('"threshold": 0.5', '"threshold": "much"', "threshold"),
        ('"context": "fresh: ', '"context": "', "confirmed: expected values in a context that begins with 'fresh: '"),
        ('"replicas": [8000, ', '"replicas": [', "observations: expected two ends for each replica"),
        ('"low": [', '"low": ["x", ', "low"),
        ("}", "", "expected JSON of a Counterexample"),
    ],
)
def test_what_is_no_counterexample_is_named(store, unsealed, old, new, said):
    store.update(searched())
    path = store.root / FILE
    text = unsealed(path)
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(EvidenceError, match=said) as caught:
        read(store)
    assert str(path) in str(caught.value)


def test_an_edited_file_is_refused(store):
    store.update(searched())
    path = store.root / FILE
    path.write_text(path.read_text(encoding="utf-8").replace('"threshold": 0.5', '"threshold": 0.25'), encoding="utf-8")
    with pytest.raises(EvidenceError, match="expected content of SHA-256"):
        read(store)


def test_the_evidence_itself_is_no_counterexample(store):
    path = store.update(searched())
    with pytest.raises(EvidenceError, match="missing required field `kind`"):
        serialise.read(path, Counterexample)


def test_values_of_no_replica_confirm_nothing(store, unsealed):
    store.update(searched())
    content = json.loads(unsealed(store.root / FILE))
    content["confirmed"]["low"] = [None] * 16
    with pytest.raises(EvidenceError, match=r"^record: expected JSON of a Counterexample.*confirmed: expected values"):
        serialise.parse(json.dumps(content), Counterexample)


def test_a_replay_is_compared_replica_by_replica(store):
    store.update(searched())
    one = read(store)

    def again(**changes):
        return [replace(o, context="another text", **changes) for o in seen(8000, 16, **{SMALL: 0.25})]

    same = Replay.of(one, again())
    assert (same.again.median, same.furthest, same.stands) == (one.sample.median, 0.0, True)
    moved = again()
    moved[3] = replace(moved[3], high=moved[3].high + 0.125)
    assert Replay.of(one, moved).furthest == pytest.approx(0.125)
    higher = [replace(o, low=o.low + 1, high=o.high + 1) for o in again()]
    assert (Replay.of(one, higher).furthest, Replay.of(one, higher).stands) == (pytest.approx(1.0), False)
    few = Replay.of(one, again()[:2])  # in which the claim says something
    assert (few.again.replicas, few.furthest, few.stands) == (2, 0.0, False)
    none = Replay.of(one, [])
    assert (none.again.median, none.furthest, none.stands) == (None, None, False)
    diverged = Replay.of(one, again(low=math.nan, high=math.nan))
    assert (diverged.again.replicas, diverged.furthest, diverged.stands) == (0, None, False)
