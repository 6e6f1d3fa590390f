"""Files are there whole or not at all."""

from __future__ import annotations

import os

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
