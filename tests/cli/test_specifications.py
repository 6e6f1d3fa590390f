"""``python -m study.cli.specifications``: what it records of planted numbers, and what it says before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from study.cli import specifications as command
from study.evidence import serialise
from study.evidence.specifications import FILE, Specifications
from study.lab import specifications as listed
from study.measures.tools.bracket import Bracket

PLANTED = {"rate": 4.0, "decoder_misses": 0.0, "nats_gap": 0.001, "kl_percentile": 0.6, "moment_kl": 0.1}
"""Of what is not named here it is 0.2; half the images halve it all."""


def planted(block: Any, measure: Any) -> Bracket:
    value = PLANTED.get(measure.name, 0.2) * (1 if block.config.images is None else 0.5) + np.arange(8) / 1000
    return Bracket(value, value)


@pytest.fixture
def engine(planted_session: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    first, second = listed.TRAININGS[:2]
    few = [replace(listed.ROWS[at], trainings=(first, second)) for at in (0, 1, -1)]
    monkeypatch.setattr(listed, "ROWS", tuple(few))
    return planted_session(planted).engine


def test_what_is_found_stands_in_the_order_of_the_list(engine: Any, capsys: pytest.CaptureFixture[str]) -> None:
    found = command.curves(engine)
    said = capsys.readouterr().err
    assert said.startswith("14 specifications of 64 VAEs: 64 VAEs to train, ")
    assert " values to measure" in said
    percentiles, width, little = found.rows[:6], found.rows[6:12], found.rows[12:]
    assert [one.side for one in percentiles] == [1, 1, 1, -1, -1, -1]
    assert [one.own for one in percentiles] == [True, *5 * (False,)]
    assert {one.side for one in width} == {-1}  # a constant does not fall
    assert [one.median for one in little] == pytest.approx([0.25 - 0.2035, 0.25 - 0.1035])
    assert (found.data, found.manifest.backend, found.manifest.trained) == ("digits", "jax", 64)
    assert found.level == pytest.approx(1 - 2 * 9 / 256)


def test_a_second_run_trains_nothing(engine: Any, capsys: pytest.CaptureFixture[str]) -> None:
    first = command.curves(engine)
    engine.trained.clear()
    second = command.curves(engine)
    assert second.rows == first.rows
    assert (second.manifest.trained, second.manifest.recalled) == (0, 64)
    assert ": 0 VAEs to train" in capsys.readouterr().err.splitlines()[1]


@pytest.mark.framework
def test_the_command_writes_one_file(engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("study.lab.run.Engine", lambda *_: engine)
    options = ["--results", str(tmp_path / "results"), "--cache", str(tmp_path / "cache")]
    done = CliRunner().invoke(command.specifications, options)
    assert done.exit_code == 0, repr(done.exception)
    path = tmp_path / "results" / FILE
    assert f"{path}: 14 specifications" in done.output
    found = serialise.read(path, Specifications)
    assert len(found.rows) == 14
    assert found.manifest.command == "python -m study.cli.specifications"
    assert serialise.page(found, FILE) == path.read_text(encoding="utf-8")
