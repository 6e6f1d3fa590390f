"""``python -m study.cli.published``: which VAEs it asks for, and what it says of planted numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from study.cli import published
from study.evidence import serialise
from study.evidence.published import Published
from study.measures.tools.bracket import Bracket


def planted(off: float = 0.0) -> Callable[..., Bracket]:
    """The published numbers, off by so many nats in marginal KL, and so in mutual information."""

    def values(block: Any, measure: Any) -> Bracket:
        rate, information, marginal = published.TABLE[block.config.latent_dim]
        numbers = {"rate": rate, "mutual_information": information - off, "empirical_marginal_kl": marginal + off}
        return Bracket(*2 * (np.full(8, numbers.get(measure.name, -100.0)),))

    return values


def test_the_vaes_are_those_of_the_table() -> None:
    for latents in published.TABLE:
        config = published.config(latents)
        assert (config.data, config.images, config.pixels, config.kl_weight) == ("mnist", None, "binarised", 1)
        assert (config.encoder_width, config.encoder_depth, config.activation) == (500, 2, "softplus")
        assert (config.decoder_width, config.decoder_depth, config.latent_dim) == (500, 2, latents)


def test_the_published_numbers_are_one_another_s_sum() -> None:
    """The mean KL is mutual information and marginal KL, and the excess that which the protocol states."""
    for rate, information, marginal in published.TABLE.values():
        assert information + marginal == pytest.approx(rate, abs=0.011)
    excess = {d: marginal - rate + math.log(published.IMAGES) for d, (rate, _, marginal) in published.TABLE.items()}
    assert (excess[10], excess[20]) == (pytest.approx(0.18, abs=0.005), pytest.approx(0.33, abs=0.005))


@pytest.mark.parametrize(("off", "met"), [(0.0, 4), (0.25, 4), (0.4, 0), (-0.4, 1)])
def test_what_is_near_enough_is_met(planted_session: Callable[..., Any], off: float, met: int) -> None:
    """With 2 latents the marginal KL may be anything below half a nat."""
    medians = published.trained(planted_session(planted(off)).engine)
    checks = list(published.compared(medians))
    assert [check.latents for check in checks] == [2, 2, 10, 20]
    assert sum(check.met for check in checks) == met


@pytest.mark.framework
@pytest.mark.parametrize(("off", "status"), [(0.0, 0), (1.0, 1)])
def test_the_command_records_and_says(
    planted_session: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, off: float, status: int
) -> None:
    engine = planted_session(planted(off)).engine
    monkeypatch.setattr("study.lab.run.Engine", lambda *_: engine)
    asked = ["--results", str(tmp_path), "--cache", str(tmp_path / "cache")]
    done = CliRunner().invoke(published.published, asked)
    assert done.exit_code == status, repr(done.exception)
    assert "marginal KL above its floor" in done.output
    found = serialise.read(tmp_path / "published.json", Published)
    assert [check.published for check in found.checks[:2]] == [7.2, 0.21]
    assert found.medians[10]["rate"] == 19.17
