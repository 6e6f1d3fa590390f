"""Files are there whole or not at all."""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.runtime.files import publish


@given(st.one_of(st.text(), st.binary()))
def test_what_is_published_is_read_back(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("files") / "deep" / "er" / "file"
    publish(path, content)
    assert path.read_bytes() == (content.encode() if isinstance(content, str) else content)
    assert [p.name for p in path.parent.iterdir()] == ["file"]


def test_a_reader_sees_the_old_file_until_the_new_one_is_whole(tmp_path, monkeypatch):
    path = tmp_path / "file"
    publish(path, "old")

    def full(descriptor: int) -> None:
        assert path.read_text() == "old"  # written beside its place
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        publish(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_what_a_killed_writer_left_is_removed_an_hour_later_and_what_others_write_is_not(tmp_path):
    for name, hours in {".file.0.tmp": 2, ".file.1.tmp": 0.5, ".other.2.tmp": 2, "file.3.tmp": 2, ".file.4": 2}.items():
        (tmp_path / name).write_text("half")
        os.utime(tmp_path / name, (time.time() - 3600 * hours,) * 2)
    publish(tmp_path / "file", "whole")
    assert {p.name for p in tmp_path.iterdir()} == {"file", ".file.1.tmp", ".other.2.tmp", "file.3.tmp", ".file.4"}
