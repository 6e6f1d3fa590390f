"""Damaged files: those of the cache are named and made again, evidence is refused; none is recalled as if whole."""

from __future__ import annotations

import json
import shutil
from functools import partial

import pytest
from faults.checks import Silent
from faults.damage import DAMAGES, PREDICTIONS, RECORDS, damaged, on_another_backend, ran

from study.errors import EvidenceError
from study.evidence import predictions, serialise
from study.lab.store import Store
from study.seeds import generator

pytestmark = pytest.mark.framework
ROOT = "reliability"
CACHE = {
    "weights*": ("posterior*", "rate*", "kl_percentile*"),
    "posterior*": ("rate*",),
    "training*": (),
    "rate*": (),
    "kl_percentile*": (),
}
"""Kind of file of the cache → what has to be missing for it to be read."""
EVIDENCE = (*RECORDS, "predictions.toml")


@pytest.fixture(scope="module")
def warm(tmp_path_factory):
    """A folder with results and a cache."""
    folder = tmp_path_factory.mktemp("warm")
    first = ran(folder)
    assert first.status == 0, first.output
    return folder


def drawn(name, kinds, trial):
    """Return a kind of file, a damage, and what draws the rest; so many trials as there are pairs take all of them."""
    kind, how = trial % len(kinds), trial // len(kinds) % len(DAMAGES)
    return tuple(kinds)[kind], DAMAGES[how], generator(name, trial, root=ROOT)


def evidence(folder):
    (path,) = (folder / "results").rglob("tiny.json")
    return path.read_bytes()


@pytest.mark.fault("damage of a file of the cache", full=300, sample=5)
def test_a_damaged_file_of_the_cache_is_named_and_made_again(warm, tmp_path, trial, record_property):
    kind, how, rng = drawn("cache", CACHE, trial)
    record_property("moment", f"{kind.rstrip('*')}, {how}")
    cache = shutil.copytree(warm / ".study-cache", tmp_path / ".study-cache")
    first, second = sorted(cache.glob(f"*/*/{kind}"))
    whole, other = first.read_bytes(), second.read_bytes()
    for missing in (path for pattern in CACHE[kind] for path in first.parent.glob(pattern)):
        missing.unlink()
    first.write_bytes(damaged(whole, how, rng, other))
    again = ran(tmp_path)
    assert again.status == 0, again.output
    if evidence(tmp_path) != evidence(warm):
        raise Silent(f"{how} of {first.name}: other evidence, and nothing said:\n{again.output}")
    if f"{first} was damaged" in again.output:
        assert kind == "training*" or first.read_bytes() == whole
    elif content(first) != content(warm / first.relative_to(tmp_path)):
        raise Silent(f"{how} of {first.name}: recalled as if whole:\n{again.output}")


def content(path):
    """Return what a file of the cache says, whatever stands around it."""
    store, text = Store(path.parent), path.read_bytes()
    if path.suffix == ".json":
        return json.loads(text)["values"]
    found = store._arrays(path, json.loads(_header(text)["about"])["key"])
    return {name: (array.dtype, array.tobytes()) for name, array in found.items()}


def _header(text):
    return json.loads(text[8 : 8 + int.from_bytes(text[:8], "little")])["__metadata__"]


@pytest.mark.fault("damage of a file of evidence", full=200, sample=4)
def test_damaged_evidence_is_refused_and_left_as_it_is(warm, tmp_path, trial, record_property):
    name, how, rng = drawn("evidence", EVIDENCE, trial)
    shutil.copytree(warm, tmp_path, dirs_exist_ok=True)
    if name in RECORDS:
        (path,) = (tmp_path / "results").rglob(name)
        whole, other = path.read_bytes(), on_another_backend(path)
        read = partial(serialise.read, path, RECORDS[name])
    else:
        path = tmp_path / "claims" / name
        whole, other = PREDICTIONS.encode(), b"[tool]\nname = 1\n"
        read = partial(predictions.read, path.parent)
    path.write_bytes(whole)
    before, left = read(), damaged(whole, how, rng, other)
    path.write_bytes(left)
    kept = harmless(name, how, read, before)
    record_property("moment", f"{name.partition('.')[0]}, {how}{kept}")
    if kept:
        return
    again = ran(tmp_path)
    if again.status == 0:
        raise Silent(f"{how} of {name}: the run went on:\n{again.output}")
    assert any(name in line for line in again.errors), again.output
    assert "INTERNALERROR" not in again.output
    if path.read_bytes() != left:
        raise Silent(f"{how} of {name}: overwritten")


def harmless(name, how, read, before):
    """Say why a damage is none: the file says what it said; or what is left is what a user may have written."""
    if how == "another's" and name in ("tiny.json", "manifest.json"):  # whole, but in another's place
        return ""
    try:
        after = read()
    except EvidenceError:
        return ""
    if after == before:
        return " (says the same)"
    # What people write has no digest: its versions are kept by git.
    return " (an edit)" if name == "predictions.toml" else ""
