"""The line about the faults that runs survive."""

from __future__ import annotations

from pathlib import Path

import pytest

from study.errors import EvidenceError
from study.evidence import serialise
from study.evidence.reliability import FILE, Faults, Reliability
from study.report.reliability import line


def test_the_counts_of_all_classes_are_told_and_nothing_where_nothing_is_recorded(tmp_path: Path) -> None:
    assert line(tmp_path) == ""
    kills = Faults(name="kill", test="test_kills.py", tried=1_000, survived=998, lost=1, silent=1, moments={"start": 9})
    damage = Faults(name="damage", test="test_damage.py", tried=40, survived=39, lost=0, silent=0, failed=("one[3]",))
    found = Reliability(
        seed_root="planted", finished="", seconds=9, python="", platform="", processor="", backend="jax", versions={},
        commit=None, dirty=None, faults=(kills, damage),
    )  # fmt: skip
    (tmp_path / FILE).write_text(serialise.page(found), encoding="utf-8")
    assert serialise.read(tmp_path / FILE, Reliability) == found
    assert line(tmp_path) == (
        "Runs survived 1,037 of 1,040 faults (kills, damage, failing disks, bad input); what had been reported was "
        "lost 1 times, and something was wrong in silence 1 times (`tox -e reliability`)."
    )
    (tmp_path / FILE).write_text("{", encoding="utf-8")
    with pytest.raises(EvidenceError, match=FILE):
        line(tmp_path)
