"""``python -m study.cli.length``: which VAEs it asks for, and what it says of planted numbers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from study.cli import length
from study.design.contexts import LISTED
from study.measures.tools.bracket import Bracket


def planted(block: Any, measure: Any) -> Bracket:
    """A number that grows with the epochs, and with the replica; the marginal KL is bracketed."""
    low = block.config.epochs + np.arange(8.0)
    return Bracket(low, low + (measure.name == "marginal_kl"))


@pytest.fixture
def engine(planted_session: Callable[..., Any]) -> Any:
    return planted_session(planted, lambda block: np.arange(8) != 7).engine


def test_lengths_are_multiples_of_the_recipe_warm_up_included() -> None:
    base = LISTED[0].config("digits", "quick")
    cells = list(length._cells())
    assert len({vae.config for _, vae in cells}) == 16
    for cell, vae in cells:
        assert (vae.config.epochs, vae.config.kl_warmup_epochs) == (cell["times"] * 600, cell["times"] * 200)
        other = {name: cell[name] for name in ("kl_weight", "latent_dim", "epochs", "kl_warmup_epochs")}
        assert vae.config == base.replace(**other)
    assert any(vae.config == base for _, vae in cells)


def test_medians_and_spreads_are_those_of_what_is_finite(engine: Any) -> None:
    found = length.study_of_length(engine)
    assert (found["schema"], found["data"], found["seed_root"], found["replicas"]) == (1, "digits", "vae-claims-3", 8)
    assert len(found["cells"]) == 16
    for cell in found["cells"]:
        assert cell["diverged"] == 1
        assert cell["rate"]["median"] == [cell["epochs"] + 3, cell["epochs"] + 3]
        assert cell["marginal_kl"]["median"] == [cell["epochs"] + 3, cell["epochs"] + 4]
        assert cell["kl_percentile"]["sd"] == pytest.approx([np.std(np.arange(7), ddof=1)] * 2, rel=1e-5)
    assert length.study_of_length(engine) == found


@pytest.mark.framework
def test_the_command_writes_one_file(engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("study.lab.run.Engine", lambda *_: engine)
    cache = ["--cache", str(tmp_path / "cache")]
    one, two = (CliRunner().invoke(length.length, ["--results", str(tmp_path / name), *cache]) for name in "ab")
    said = f"{tmp_path / 'a' / 'length.json'}: 16 cells of 8 replicas\n"
    assert (one.exit_code, one.output) == (0, said), repr(one.exception)
    assert two.exit_code == 0
    assert (tmp_path / "a" / "length.json").read_bytes() == (tmp_path / "b" / "length.json").read_bytes()
    assert json.loads((tmp_path / "a" / "length.json").read_text())["schema"] == 1
