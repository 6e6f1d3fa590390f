"""Tables: every cell is there, on however narrow a terminal."""

from __future__ import annotations

import pytest
from rich.text import Text

from study.cli.output import print_table


def test_a_piped_table_is_wide_and_whole(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["Name", "Long"], [["a [b]", "word " * 30], [Text("c"), "d"]])
    shown = capsys.readouterr().out
    assert "a [b]" in shown  # brackets are text, not markup
    assert shown.count("word") == 30
    assert max(map(len, shown.splitlines())) <= 200


def test_a_list_without_headings_has_no_rule(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([], [["a", "b"]])
    assert capsys.readouterr().out.split() == ["a", "b"]
