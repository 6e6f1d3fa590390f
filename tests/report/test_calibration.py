"""The line about the rule's own errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from study.errors import EvidenceError
from study.evidence import serialise
from study.report.calibration import FILE, line
from study.verdicts.calibration import Calibration, Cell


def test_the_worst_cell_is_told_and_nothing_where_nothing_is_recorded(tmp_path: Path) -> None:
    assert line(tmp_path) == ""
    one = Cell(
        population="normal", looks=(8,), declared=1, distance=0.0, supported=0.03, refuted=0.034, mixed=0.0, wrong=0.034
    )  # fmt: skip
    found = Calibration(studies=20_000, contexts=3, alpha=0.05, cells=(one,))
    (tmp_path / FILE).write_text(serialise.page(found), encoding="utf-8")
    assert line(tmp_path) == (
        "Simulated, 20,000 studies each of 1 kinds after one to three looks: at most 3.4 % wrong words where 5 % are "
        "allowed (`python -m study.cli.calibrate`)."
    )
    (tmp_path / FILE).write_text("{", encoding="utf-8")
    with pytest.raises(EvidenceError, match=FILE):
        line(tmp_path)
