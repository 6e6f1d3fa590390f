"""The cache: keys that hold what numbers depend on and nothing else; files that are whole or absent."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

import study
from study.errors import InvalidValue
from study.lab import cache
from study.lab.cache import Block, Shelf, check_cache, code_digest
from study.vae.config import VAEConfig

CODE = ("seeds.py",)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Digest a package of our own: ``digest(source)`` of its one file."""
    monkeypatch.setattr(study, "__file__", str(tmp_path / "__init__.py"))
    (tmp_path / "part").mkdir()

    def digest(source, name="part/a.py"):
        (tmp_path / name).write_text(source)
        code_digest.cache_clear()
        return code_digest(("part",))

    yield digest
    code_digest.cache_clear()


SOURCE = '"""Doc."""\n\n\ndef f(x):\n    """Double."""\n    return 2 * x\n'


def test_words_and_layout_do_not_count(package):
    layout = SOURCE.replace("2 * x", "(2\n        * x)  # twice").replace("Double", "Two times")
    assert package(layout.replace('"""Doc."""', '"""Another."""')) == package(SOURCE)


@pytest.mark.parametrize("change", [("2 * x", "3 * x"), ("2 * x", "x * 2"), ("f(x)", "f(x, y=1)")])
def test_code_counts(package, change):
    assert package(SOURCE.replace(*change)) != package(SOURCE)


def test_files_and_their_names_count(package):
    digests = [package(SOURCE), package("", "part/b.py"), package(SOURCE, "part/b.py")]
    assert len(set(digests)) == 3


def test_a_text_that_is_all_of_a_body_is_code(package):
    assert package('def f():\n    "a"\n') != package('def f():\n    "b"\n')


@given(
    st.sampled_from(
        [{"latent_dim": 3}, {"kl_weight": 2.0}, {"max_epochs": 7}, {"pixels": "redrawn"}, {"activation": "tanh"}]
    )
)
def test_a_key_holds_what_numbers_depend_on(change):
    key = Block(VAEConfig()).key("jax", "d")
    others = [
        Block(VAEConfig(**change)).key("jax", "d"), Block(VAEConfig(), 1).key("jax", "d"),
        Block(VAEConfig()).key("torch", "d"), Block(VAEConfig()).key("jax", "e"),
    ]  # fmt: skip
    assert len({key, *others}) == 5


def test_a_key_is_the_same_in_another_process(monkeypatch):
    code = "from study.lab.cache import *; print(Block(VAEConfig(), 3).key('jax', 'd'))"
    env = {"PYTHONHASHSEED": "7", "OMP_NUM_THREADS": "3"}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True)
    assert run.stdout.strip() == Block(VAEConfig(), 3).key("jax", "d")


@settings(max_examples=25)
@given(
    st.dictionaries(
        st.text("abc/", min_size=1),
        npst.arrays(st.sampled_from([np.float32, np.float64, np.int32]), npst.array_shapes(max_side=3), elements={}),
        min_size=1,
    ),
    st.booleans(),
)
def test_arrays_come_back_as_they_went(tmp_path_factory, arrays, turned):
    shelf = Shelf(tmp_path_factory.mktemp("shelf"), "key")
    arrays = {name: array.T if turned else array for name, array in arrays.items()}
    shelf.publish_arrays("weights", CODE, arrays, {"config": {"latent_dim": 2}})
    found, about = shelf.arrays("weights", CODE)
    assert about == {"config": {"latent_dim": 2}}
    assert found.keys() == arrays.keys()
    for name in arrays:
        np.testing.assert_array_equal(found[name], arrays[name])
        assert found[name].dtype == arrays[name].dtype


@pytest.fixture
def shelf(tmp_path):
    shelf = Shelf(tmp_path, "abcdef")
    shelf.publish_arrays("x", CODE, {"w": np.ones(9)}, {})
    shelf.publish_values("x", CODE, {"rate": [1.5]})
    return shelf


def test_what_is_absent_or_stale_is_none(shelf):
    assert shelf.values("x", CODE) == {"rate": [1.5]}
    for name, code in (("y", CODE), ("x", ("errors.py",))):
        assert shelf.values(name, code) is None
        assert shelf.arrays(name, code) is None


@settings(max_examples=25)
@given(st.integers(0, 80), st.booleans())
def test_what_is_damaged_is_none(tmp_path_factory, kept, garbled):
    shelf = Shelf(tmp_path_factory.mktemp("shelf"), "abcdef")
    shelf.publish_arrays("x", CODE, {"w": np.ones(9)}, {})
    shelf.publish_values("x", CODE, {"rate": [1.5, 2.5]})
    for path in shelf.folder.iterdir():
        content = path.read_bytes()
        path.write_bytes(b"\xff" * kept if garbled else content[: min(kept, len(content) - 1)])
    assert shelf.values("x", CODE) is None
    assert shelf.arrays("x", CODE) is None


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_number_that_is_not_finite_is_refused_and_the_old_file_kept(shelf, value):
    with pytest.raises(ValueError, match="not JSON compliant"):
        shelf.publish_values("x", CODE, {"rate": [value]})
    assert shelf.values("x", CODE) == {"rate": [1.5]}


def test_an_interrupted_write_leaves_the_old_file_and_no_draft(shelf, monkeypatch):
    def interrupt(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(cache.os, "fsync", interrupt)
    before = sorted(shelf.folder.iterdir())
    with pytest.raises(KeyboardInterrupt):
        shelf.publish_values("x", CODE, {"rate": [2.5]})
    assert sorted(shelf.folder.iterdir()) == before
    assert shelf.values("x", CODE) == {"rate": [1.5]}


def test_nothing_is_pickled(shelf):
    (arrays,) = shelf.folder.glob("*.safetensors")
    header = int.from_bytes(arrays.read_bytes()[:8], "little")
    assert json.loads(arrays.read_bytes()[8 : 8 + header])["w"] == {
        "dtype": "F64",
        "shape": [9],
        "data_offsets": [0, 72],
    }


def test_a_cache_that_cannot_be_written_to_is_refused(tmp_path):
    check_cache(tmp_path / "new" / "folder")
    assert not (tmp_path / "new").exists()
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(InvalidValue, match=r"^--study-cache: expected a folder that can be written to, received"):
            check_cache(path)
