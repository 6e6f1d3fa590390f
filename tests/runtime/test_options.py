"""Options are read as they were typed, folders from the place of invocation."""

from __future__ import annotations

from pathlib import Path

import pytest

from study.errors import InvalidValue
from study.runtime.options import Options


def test_options_are_read_as_they_were_typed():
    asked = {"scale": "full", "results": "a b", "cache": "/c", "precision": "float32", "replicas": "12", "strict": True}
    read = Options.read({**asked, "workers": None, "seed_root": None}, Path("/here"), siblings=2)
    assert (read.results, read.cache) == (Path("/here/a b"), Path("/c"))
    assert (read.replicas, read.workers, read.strict, read.plan, read.siblings) == (12, None, True, False, 2)
    assert (read.record, read.scratch) == (False, False)
    assert read.repeat == "--study-scale full --study-results 'a b' --study-replicas 12"


def test_the_whole_command_is_kept_and_folders_are_named_as_it_names_them():
    asked = {"scale": "quick", "cache": "c", "precision": "float32"}
    read = Options.read(asked, Path("/here"), typed=("claims/", "-k", "a or b"))
    assert read.command == "pytest claims/ -k 'a or b'"
    assert read.recorded == Path("/here/results")
    assert [read.named(one) for one in (read.results, Path("/there"))] == [Path("results/local"), Path("/there")]


@pytest.mark.parametrize(
    ("asked", "folder", "scratch"),
    [
        ({}, "results/local", True),
        ({"record": True}, "results", False),
        ({"results": "mine"}, "mine", False),
        ({"results": "mine", "record": True}, "mine", False),
    ],
)
def test_local_runs_are_kept_apart_from_recorded_ones(asked, folder, scratch):
    read = Options.read({"scale": "quick", "cache": "c", "precision": "float32", "results": None, **asked}, Path("/h"))
    assert (read.results, read.scratch, read.record) == (Path("/h", folder), scratch, bool(asked.get("record")))
    assert "--study-record" not in read.repeat


@pytest.mark.parametrize("text", ["1", "0", "-2", "two", "", "²"])
def test_a_number_that_is_none_is_refused(text):
    asked = {"scale": "quick", "results": "r", "cache": "c", "precision": "float32", "replicas": text}
    with pytest.raises(InvalidValue, match="--study-replicas: expected an integer from 2 to 10,000, received "):
        Options.read(asked, Path("/here"))
