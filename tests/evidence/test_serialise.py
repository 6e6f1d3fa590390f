"""The serialiser: what is written comes back, in one form, and damage is named."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.errors import EvidenceError, InvalidValue
from study.evidence import serialise


@dataclass(frozen=True, kw_only=True)
class Item:
    name: str = ""
    values: tuple[float | None, ...] = ()


@dataclass(frozen=True, kw_only=True)
class File:
    rows: tuple[Item, ...] = ()
    words: dict[str, str] = field(default_factory=dict)


texts = st.text(st.characters(codec="utf-8"), max_size=5)
values = st.lists(st.none() | st.floats(allow_nan=False), max_size=3).map(tuple)
files = st.builds(
    File, rows=st.lists(st.builds(Item, name=texts, values=values)).map(tuple), words=st.dictionaries(texts, texts)
)


@given(files)
def test_what_is_written_comes_back_to_nine_digits_and_then_stays(file):
    for write in (serialise.line, serialise.page):
        text = write(file)
        got = serialise.parse(text, File)
        assert got.words == file.words
        for before, after in zip(file.rows, got.rows, strict=True):
            assert after.name == before.name
            for one, other in zip(before.values, after.values, strict=True):
                assert other == (None if one is None else pytest.approx(one, rel=1e-8, abs=0))
        assert write(got) == text
        assert json.loads(text)["schema"] == serialise.SCHEMA
    assert "\n" not in serialise.line(file)


def test_a_page_gives_each_field_of_a_row_and_each_word_a_line():
    page = serialise.page(
        File(rows=(Item(name="π", values=(1 / 3, math.nan, -0.0, -math.inf, math.inf)),), words={"a": "b", "c": "d"})
    )
    assert page == (
        '{\n  "schema": 3,\n'
        '  "rows": [\n    {\n      "name": "π",\n      "values": [0.333333333, null, 0.0, "-inf", "inf"]\n    }\n  ],\n'
        '  "words": {\n    "a": "b",\n    "c": "d"\n  }\n}\n'
    )


def test_arrays_become_lists():
    item = Item(values=np.array([0.5, np.nan]))
    assert serialise.parse(serialise.line(item), Item).values == (0.5, None)
    assert json.loads(serialise.line(Item(values=(np.float64(0.25), np.float32(0.1)))))["values"] == [0.25, 0.100000001]


def test_what_json_cannot_hold_is_refused():
    with pytest.raises(InvalidValue, match=r"^evidence: expected"):
        serialise.line(Item(name=object()), "evidence")


def test_a_text_that_reads_like_a_number_stays_a_text():
    item = Item(name="-inf")
    assert serialise.parse(serialise.line(item), Item) == item


@pytest.mark.parametrize(
    ("text", "received"),
    [
        ("{", "file.json: expected JSON of a File"),
        ("[]", "expected schema 3, received 'list'"),
        ("{}", "expected schema 3, received None"),
        ('{"schema": 1}', "expected schema 3, received 1"),
        ('{"schema": 3, "rows": [{"values": ["a"]}]}', r"\$\.rows\[0\]\.values\[0\]"),
    ],
)
def test_damage_is_named(tmp_path, text, received):
    path = tmp_path / "file.json"
    path.write_text(text)
    with pytest.raises(EvidenceError, match=received) as caught:
        serialise.read(path, File)
    assert str(path) in str(caught.value)


def test_what_cannot_be_read_is_named(tmp_path):
    (tmp_path / "bytes").write_bytes(b"\xff")
    for path in (tmp_path / "missing", tmp_path / "bytes", tmp_path):
        with pytest.raises(EvidenceError, match=f"{path}: expected a JSON file of schema 3"):
            serialise.read(path, File)


@given(files, st.data())
def test_a_sealed_file_comes_back_and_a_changed_one_is_refused(file, data):
    text = serialise.page(file, sealed=True)
    assert serialise.parse(text, File) == serialise.parse(serialise.page(file), File)
    assert serialise.page(serialise.parse(text, File), sealed=True) == text
    content = bytearray(text.encode())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 6))
    try:
        read = serialise.parse(content.decode(), File)
    except (EvidenceError, UnicodeDecodeError):
        return
    assert read == serialise.parse(text, File)  # a blank for another, or another name for the digest
