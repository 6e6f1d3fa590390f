"""The store: what is published comes back as it went; what is damaged is named, and counts as absent."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from filelock import Timeout
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from study.errors import InvalidValue
from study.lab.artefacts import Block, Setting
from study.lab.store import Store
from study.latent.gaussians import DiagonalGaussians
from study.measures.registry import Measure
from study.measures.tools.bracket import Bracket
from study.vae.config import VAEConfig

BLOCK = Block(VAEConfig(latent_dim=2), 0, Setting("jax"))
RATE, COVERAGE = Measure("rate"), Measure.of("coverage", sampler="prior")
ABOUT = {"epochs": 3, "device": "cpu", "seconds": 1.5, "finite": [True, False]}
WEIGHTS = {"a/kernel": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.ones(2, np.float32)}
POSTERIORS = {
    f"{split}_{name}": np.full((2, 3, 1), index + 0.5, np.float32)
    for index, (split, name) in enumerate((s, n) for s in ("train", "heldout") for n in ("mean", "log_var"))
}
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def filled(root: Path) -> Store:
    store = Store(root)
    store.publish_training(BLOCK, WEIGHTS, ABOUT)
    store.publish_posteriors(BLOCK, POSTERIORS)
    store.publish_value(BLOCK, RATE, Bracket(np.array([1.0, 2.0]), np.array([1.5, 2.5])))
    store.publish_drawings(BLOCK, "key", {"prior": ["0f"]})
    return store


READ = {
    "weights*": lambda store: store.weights(BLOCK),
    "training*": lambda store: store.status(BLOCK),
    "posterior*": lambda store: store.posteriors(BLOCK),
    "rate*": lambda store: store.values(BLOCK, RATE),
    "drawings*": lambda store: store.drawings(BLOCK, "key"),
}
"""Kinds of files, and what reads them."""


@pytest.fixture
def store(tmp_path):
    return filled(tmp_path)


@pytest.fixture(scope="module")
def contents(tmp_path_factory) -> dict[str, bytes]:
    """What each kind of file holds while it is whole."""
    store = filled(tmp_path_factory.mktemp("whole"))
    return {kind: next(store.folder(BLOCK).glob(kind)).read_bytes() for kind in READ}


def damaged(root: Path, kind: str, content: bytes) -> tuple[Store, str]:
    store = filled(root)
    (path,) = store.folder(BLOCK).glob(kind)
    path.write_bytes(content)
    return store, str(path)


def test_what_is_published_comes_back(store):
    assert {kind: read(store) is not None for kind, read in READ.items()} == dict.fromkeys(READ, True)
    weights, status = store.weights(BLOCK), store.status(BLOCK)
    assert weights.keys() == WEIGHTS.keys()
    assert all(np.array_equal(weights[name], WEIGHTS[name]) for name in WEIGHTS)
    assert (status.epochs, status.device, status.seconds, status.finite.tolist()) == (3, "cpu", 1.5, [True, False])
    train, heldout = store.posteriors(BLOCK)
    assert [q.flat[0] for q in (train.mean, train.log_var, heldout.mean, heldout.log_var)] == [0.5, 1.5, 2.5, 3.5]
    assert isinstance(train, DiagonalGaussians)
    assert store.values(BLOCK, RATE).high.tolist() == [1.5, 2.5]
    assert store.drawings(BLOCK, "key") == {"prior": ["0f"]}
    assert store.drawings(BLOCK, "another") is None
    assert not store.damaged


@settings(max_examples=25)
@given(npst.arrays(np.float64, 3, elements=FLOATS), npst.arrays(np.float64, 3, elements=FLOATS))
def test_values_come_back_to_the_last_bit(tmp_path_factory, one, other):
    store = Store(tmp_path_factory.mktemp("store"))
    value = Bracket(np.minimum(one, other), np.maximum(one, other))
    store.publish_value(BLOCK, RATE, value)
    found = store.values(BLOCK, RATE)
    for end in ("low", "high"):
        assert getattr(found, end).tobytes() == getattr(value, end).tobytes()


@settings(max_examples=25)
@given(
    st.dictionaries(
        st.text("abc/", min_size=1), npst.arrays(np.float32, npst.array_shapes(max_side=3), elements={}), min_size=1
    ),
    st.booleans(),
)
def test_weights_come_back_as_they_went(tmp_path_factory, arrays, turned):
    store = Store(tmp_path_factory.mktemp("store"))
    arrays = {name: array.T if turned else array for name, array in arrays.items()}
    store.publish_training(BLOCK, arrays, ABOUT)
    found = store.weights(BLOCK)
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype


@pytest.mark.parametrize("kind", READ)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_flipped_byte_is_named_and_counts_as_absent(tmp_path_factory, contents, kind, data):
    content = bytearray(contents[kind])
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    if kind.startswith(("training", "rate")) and _json(content) == _json(contents[kind]):
        return  # a blank for another, or a key's letter case: nothing is lost
    store, path = damaged(tmp_path_factory.mktemp("flipped"), kind, bytes(content))
    if READ[kind](store) is None:
        assert list(store.damaged) == [path]
        assert store.damaged[path]
    else:  # the header of an arrays' file holds text that says nothing of the arrays: the config, for people
        assert kind in ("weights*", "posterior*")
        assert not store.damaged
        assert place < 8 + int.from_bytes(contents[kind][:8], "little")
        found = store.weights(BLOCK) if kind == "weights*" else _flat(store.posteriors(BLOCK))
        expected = WEIGHTS if kind == "weights*" else POSTERIORS
        assert found.keys() == expected.keys()
        assert all(np.array_equal(found[name], expected[name]) for name in found)


def _flat(posteriors):
    splits = zip(("train", "heldout"), posteriors, strict=True)
    return {f"{split}_{name}": getattr(q, name) for split, q in splits for name in ("mean", "log_var")}


def _json(content):
    try:
        return json.loads(bytes(content))
    except ValueError:
        return None


@pytest.mark.parametrize("kind", READ)
@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_file_with_its_end_cut_off_is_named_and_counts_as_absent(tmp_path, contents, kind, kept):
    content = contents[kind]
    store, path = damaged(tmp_path, kind, content[: int(kept * len(content))])
    assert READ[kind](store) is None
    assert list(store.damaged) == [path]


@pytest.mark.parametrize("kind", READ)
@pytest.mark.parametrize(
    "content", [b"{}", b"[]", b"null", b'"x"', b"\xff" * 99, b'{"values": {}, "sha256": ""}'], ids=range(6)
)
def test_a_file_of_another_kind_is_named_and_counts_as_absent(tmp_path, kind, content):
    store, path = damaged(tmp_path, kind, content)
    assert READ[kind](store) is None
    assert list(store.damaged) == [path]


@pytest.mark.parametrize("kind", READ)
def test_what_is_absent_is_not_damaged(store, kind):
    for path in store.folder(BLOCK).glob(kind):
        path.unlink()
    assert READ[kind](store) is None
    assert not store.damaged


def test_a_folder_in_the_place_of_a_file_is_damage(store):
    (path,) = store.folder(BLOCK).glob("rate*")
    path.unlink()
    path.mkdir()
    assert store.values(BLOCK, RATE) is None
    assert list(store.damaged) == [str(path)]


def test_training_without_weights_is_none(store):
    next(store.folder(BLOCK).glob("weights*")).unlink()
    assert store.status(BLOCK) is None


def test_a_damaged_file_is_mended_by_publishing_again(tmp_path):
    store, _ = damaged(tmp_path, "rate*", b"")
    assert store.values(BLOCK, RATE) is None
    value = Bracket(np.array([3.0]), np.array([4.0]))
    store.publish_value(BLOCK, RATE, value)
    assert Store(tmp_path).values(BLOCK, RATE).low.tolist() == [3.0]


def test_each_block_measure_and_intervention_has_its_own(store):
    assert store.values(BLOCK, COVERAGE) is None
    assert store.values(Block(BLOCK.config, 1, BLOCK.setting), RATE) is None
    assert store.status(Block(BLOCK.config, 1, BLOCK.setting)) is None
    other = Block(BLOCK.config, 0, Setting("jax", seed_root="another"))
    assert store.weights(other) is None
    assert not store.damaged


@pytest.mark.parametrize("kind", READ)
def test_the_file_of_another_block_or_backend_is_named_and_counts_as_absent(tmp_path, kind):
    store, other = filled(tmp_path), Block(BLOCK.config, 0, Setting("torch"))
    name = next(store.folder(BLOCK).glob(kind)).name
    for path in list(store.folder(BLOCK).iterdir()):
        path.unlink()
    theirs = Store(tmp_path / "theirs")
    theirs.publish_training(other, WEIGHTS, ABOUT)
    theirs.publish_posteriors(other, POSTERIORS)
    theirs.publish_value(other, RATE, Bracket(np.array([9.0, 9.0]), np.array([9.0, 9.0])))
    theirs.publish_drawings(other, "their key", {"prior": ["0f"]})
    (path,) = theirs.folder(other).glob(kind)
    path.rename(store.folder(BLOCK) / name)
    (store.folder(BLOCK) / "weights.safetensors").touch()  # without which there is no status
    assert READ[kind](store) is None
    assert store.damaged == {str(store.folder(BLOCK) / name): "it is the file of another block, backend or measure"}


def test_a_number_that_is_not_finite_is_refused_and_the_old_file_kept(store):
    with pytest.raises(ValueError, match="not JSON compliant"):
        store.publish_value(BLOCK, RATE, Bracket(np.array([np.inf]), np.array([np.inf])))
    assert store.values(BLOCK, RATE).low.tolist() == [1, 2]


def test_an_interrupted_write_leaves_the_old_file_and_no_draft(store, monkeypatch):
    def interrupt(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    before = sorted(store.folder(BLOCK).iterdir())
    with pytest.raises(KeyboardInterrupt):
        store.publish_value(BLOCK, RATE, Bracket(np.array([9.0]), np.array([9.0])))
    assert sorted(store.folder(BLOCK).iterdir()) == before
    assert store.values(BLOCK, RATE).low.tolist() == [1, 2]


def test_a_weights_file_says_whose_it_is_and_nothing_is_pickled(store):
    (path,) = store.folder(BLOCK).glob("weights*")
    content = path.read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    assert json.loads(header["__metadata__"]["about"])["config"] == BLOCK.config.canonical
    assert header["b"]["dtype"] == "F32"


def test_the_lock_of_a_block_keeps_others_out(store):
    with store.lock(BLOCK), pytest.raises(Timeout), store.lock(BLOCK, wait=False):
        pass


def test_a_folder_that_cannot_be_written_to_is_refused(tmp_path):
    Store(tmp_path / "new" / "folder").check_writable()
    assert not (tmp_path / "new").exists()
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(InvalidValue, match=r"^--study-cache: expected a folder that can be written to, received"):
            Store(path).check_writable()


def test_equal_arrays_are_equal_files(tmp_path):
    weights = {name: np.ones(3, np.float32) for name in "abc"}
    files = set()
    for number in range(8):
        store = Store(tmp_path / str(number))
        store.publish_training(BLOCK, weights, {})
        files.add((store.folder(BLOCK) / "weights.safetensors").read_bytes())
    assert len(files) == 1


def test_what_a_killed_writer_left_behind_is_swept_and_nothing_else(tmp_path):
    store = Store(tmp_path)
    store.publish_training(BLOCK, {"a": np.ones(3, np.float32)}, {})
    kept = set(store.folder(BLOCK).iterdir())
    (store.folder(BLOCK) / ".weights.safetensors.0123.tmp").write_bytes(b"half")
    store.sweep(BLOCK)
    assert set(store.folder(BLOCK).iterdir()) == kept
