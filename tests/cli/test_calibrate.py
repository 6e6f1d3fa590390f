"""``python -m study.cli.calibrate``: how often the rule errs, recorded and repeated."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from study.cli.calibrate import calibrate as command
from study.evidence import serialise
from study.report.calibration import line
from study.verdicts.calibration import Calibration, calibrate


def called(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_simulations_are_recorded_shown_and_repeat(tmp_path: Path) -> None:
    found = called("--studies", 100, "--results", tmp_path)
    assert found.exit_code == 0
    path = tmp_path / "calibration.json"
    before = path.read_bytes()
    assert serialise.read(path, Calibration) == calibrate(100)
    assert found.output.splitlines()[-2:] == [line(tmp_path), f"recorded in {path}"]
    assert "one seed in ten at −10 sd" in found.output
    called("--studies", 100, "--results", tmp_path)
    assert path.read_bytes() == before


def test_no_study_is_refused(tmp_path: Path) -> None:
    assert called("--studies", 0, "--results", tmp_path).exit_code == 2
    assert list(tmp_path.iterdir()) == []
