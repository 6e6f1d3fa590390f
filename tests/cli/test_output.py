"""Tables: every cell is there, on however narrow a terminal."""

from __future__ import annotations

import pytest
from rich.text import Text

from study.cli.output import print_table


def test_a_piped_table_has_a_row_on_each_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["Name", "Long"], [["a [b]", "word " * 90], [Text("c"), "d"]])
    headings, rule, *rows = capsys.readouterr().out.splitlines()
    assert headings.split() == ["Name", "Long"]
    assert set(rule.strip()) == {"─"}
    assert [row.split() for row in rows] == [["a", "[b]", *["word"] * 90], ["c", "d"]]  # brackets are no markup


def test_a_table_folds_what_a_terminal_has_no_room_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    print_table(["Name"], [["x" * 90]])
    lines = [line for line in capsys.readouterr().out.splitlines() if "x" in line]
    assert sum(line.count("x") for line in lines) == 90
    assert max(map(len, lines)) == 40


def test_a_list_without_headings_has_no_rule(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([], [["a", "b"]])
    assert capsys.readouterr().out.split() == ["a", "b"]
