"""IDX files, plain and gzipped, whole and damaged; and what is said when there are none."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.data import fashion_mnist, idx, mnist
from study.data.dataset import digest
from study.data.idx import FILES, VARIABLE, Source, read_idx
from study.data.loading import load
from study.errors import DataUnavailable

Write = Callable[..., list[np.ndarray]]
LABELS = bytes([0, 0, 8, 1, 0, 0, 0, 3, 5, 6, 7])


def source(arrays: list[np.ndarray], *folders: str) -> Source:
    first, second, third, fourth = map(digest, arrays)
    return Source("mnist", folders or ("mnist",), ("mnist.npz",), (first, second, third, fourth))


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("folder", ["fashion-mnist", "fashion_mnist"])
def test_reads_plain_and_gzipped_files(write_idx: Write, tmp_path: Path, folder: str, zipped: bool) -> None:
    arrays = write_idx(folder, zipped=zipped)
    found = source(arrays, "fashion-mnist", "fashion_mnist")
    assert found.reachable() == (True, str(tmp_path / folder))
    for read, written in zip(found.read(), arrays, strict=True):
        assert np.array_equal(read, written)


@pytest.mark.parametrize("module", [mnist, fashion_mnist])
def test_another_edition_is_refused_by_digest(write_idx: Write, tmp_path: Path, module: object) -> None:
    found: Source = module.SOURCE  # type: ignore[attr-defined]
    arrays = write_idx(found.folders[0], zipped=True)
    path = tmp_path / found.folders[0] / f"{FILES[0]}.gz"
    expected = (
        f"{path} is damaged or another edition: expected SHA-256 {found.digests[0]}, received {digest(arrays[0])}"
    )
    with pytest.raises(DataUnavailable) as error:
        load(found.name)
    assert expected in str(error.value)


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("position", [0, 3, 7, 200, -1])
def test_one_flipped_byte_is_noticed_and_the_file_named(
    write_idx: Write, tmp_path: Path, zipped: bool, position: int
) -> None:
    arrays = write_idx("mnist", zipped=zipped)
    path = tmp_path / "mnist" / (FILES[2] + ".gz" * zipped)
    content = bytearray(gzip.decompress(path.read_bytes()) if zipped else path.read_bytes())
    content[position] ^= 1
    path.write_bytes(gzip.compress(bytes(content)) if zipped else bytes(content))
    with pytest.raises(DataUnavailable, match=f"{path.name} is damaged"):
        source(arrays).read()


@pytest.mark.parametrize("keep", [0, 5, 20, -8, -1])
def test_truncated_gzip_is_noticed_and_the_file_named(write_idx: Write, tmp_path: Path, keep: int) -> None:
    arrays = write_idx("mnist", zipped=True)
    path = tmp_path / "mnist" / f"{FILES[1]}.gz"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DataUnavailable, match=f"{path.name} (cannot be read|is damaged)"):
        source(arrays).read()


@given(st.one_of(st.binary(max_size=40), st.binary(max_size=20).map(lambda tail: LABELS[:8] + tail)))
def test_any_bytes_give_an_array_or_a_clear_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any-idx1-ubyte"
    path.write_bytes(content)
    if content[:8] == LABELS[:8] and len(content) == len(LABELS):
        assert read_idx(path).tolist() == list(content[8:])
    else:
        with pytest.raises(DataUnavailable, match="any-idx1-ubyte is damaged"):
            read_idx(path)


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_missing_folder_names_data_set_variable_and_remedy(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "nowhere"))
    monkeypatch.setitem(sys.modules, "keras", None)  # nothing is downloaded while STUDY_DATA is set
    with pytest.raises(DataUnavailable) as error:
        load(name)
    for part in (repr(name), f"STUDY_DATA={str(tmp_path / 'nowhere')!r}", "Set STUDY_DATA to a folder", *FILES):
        assert part in str(error.value)


def test_missing_file_is_named(write_idx: Write, tmp_path: Path) -> None:
    found = source(write_idx("mnist", zipped=False))
    (tmp_path / "mnist" / FILES[3]).unlink()
    with pytest.raises(DataUnavailable, match=f"has no {FILES[3]} "):
        found.read()
    assert found.reachable() == (
        False,
        f"STUDY_DATA={str(tmp_path)!r}: {tmp_path / 'mnist'} has no {FILES[3]} (plain or .gz)",
    )


class TestKeras:
    """Without STUDY_DATA the arrays come from ``keras.datasets``, and are verified all the same."""

    @pytest.fixture(autouse=True)
    def _unset(self, write_idx: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        self.arrays = write_idx("mnist", zipped=False)
        monkeypatch.setenv(VARIABLE, "")  # empty is unset
        monkeypatch.setenv("KERAS_HOME", str(tmp_path))
        self.use(monkeypatch, self.load_data)

    def use(self, monkeypatch: pytest.MonkeyPatch, load_data: Callable[[], object]) -> None:
        datasets = SimpleNamespace(mnist=SimpleNamespace(load_data=load_data))
        monkeypatch.setitem(sys.modules, "keras", SimpleNamespace(datasets=datasets))

    def load_data(self) -> object:
        a, b, c, d = self.arrays
        return (a, b), (c, d)

    def test_reads_and_verifies(self) -> None:
        found = source(self.arrays)
        assert np.array_equal(found.read().heldout_x, self.arrays[2])
        self.arrays[2] = self.arrays[2] + 1
        with pytest.raises(DataUnavailable, match=r"keras.datasets.mnist \(held-out images\) is damaged"):
            found.read()

    @pytest.mark.parametrize("error", [ModuleNotFoundError("No module named 'keras'"), Exception("URL fetch failure")])
    def test_failures_say_what_to_do(self, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
        def fail() -> object:
            raise error

        self.use(monkeypatch, fail)
        with pytest.raises(
            DataUnavailable, match=f"'mnist' .*STUDY_DATA is not set.*{error}.*Set STUDY_DATA"
        ) as caught:
            source(self.arrays).read()
        assert caught.value.__cause__ is error

    def test_reachable_means_offline(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        found = source(self.arrays)
        monkeypatch.setattr(idx, "find_spec", lambda name: None)
        assert found.reachable() == (False, "STUDY_DATA is not set, and Keras is not installed")
        monkeypatch.setattr(idx, "find_spec", lambda name: object())
        assert found.reachable() == (False, "STUDY_DATA is not set; Keras would download it")
        (tmp_path / "datasets").mkdir()
        (tmp_path / "datasets" / "mnist.npz").touch()
        assert found.reachable() == (True, str(tmp_path / "datasets"))
