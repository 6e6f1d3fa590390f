"""Controls are named by their tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from study.errors import EvidenceError
from study.report.controls import read, threshold


def test_names_of_tests_become_sentences(tmp_path: Path) -> None:
    """In the order of the file; helpers are none; a claim without such a file has none."""
    (tmp_path / "test_one.py").write_text("def test_b_is_told(x): ...\ndef helper(): ...\ndef test_a(): ...\n")
    assert read(tmp_path, "one") == ["B is told", "A"]
    assert read(tmp_path, "other") == []


def test_what_is_no_python_is_named(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("def (")
    with pytest.raises(EvidenceError, match=r"test_one\.py"):
        read(tmp_path, "one")


def test_the_threshold_is_that_of_the_docstring(tmp_path: Path) -> None:
    """All its lines; nothing where there is no file, no docstring or no such line."""
    said = '"""Claim: it is.\n\nSource: me.\nThreshold: the gain is\n    ten nats, at least.\n"""\n'
    (tmp_path / "test_one.py").write_text(said, encoding="utf-8")
    (tmp_path / "test_two.py").write_text("import os\n", encoding="utf-8")
    assert threshold(tmp_path, "one") == "the gain is ten nats, at least"
    assert [threshold(tmp_path, name) for name in ("two", "three")] == ["", ""]
