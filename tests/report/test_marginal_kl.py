"""The marginal KL figure: contexts, gaps, and what its lines show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from study.evidence.figure_data import MarginalKL
from study.report import marginal_kl as module


def test_lines_show_the_mean_of_the_bracket(
    marginal_kl: list[MarginalKL], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines run midway between the bounds; unconverged levels leave a gap; a floor below zero is not drawn."""
    figure = Figure()

    @contextmanager
    def canvas(path: Path, height: float) -> Iterator[Figure]:
        figure.set_figheight(height)
        figure.set_layout_engine("constrained")
        yield figure

    monkeypatch.setattr(module, "canvas", canvas)
    module.draw(marginal_kl, tmp_path / "figure.png")
    depth, latents = figure.axes
    assert {axes.get_xlabel() for axes in (depth, latents)} == {"hidden layers", "latent dimension D"}
    assert (depth.get_xscale(), latents.get_xscale()) == ("linear", "log")
    middle, floor = latents.lines[:2]
    np.testing.assert_allclose(np.asarray(middle.get_ydata()), [2.0, (2.1 + 3.55) / 2, np.nan])
    assert np.isnan(np.asarray(floor.get_ydata())).all()
    assert latents.get_ylim()[0] == 0


def test_letters_are_one_for_each_context(marginal_kl: list[MarginalKL]) -> None:
    """A context keeps its letter in every panel, and the caption says which it is."""
    assert list(module.letter(marginal_kl).values()) == ["A", "B"]
    assert module.caption(marginal_kl) == ["**A**: activation relu", "**B**: activation tanh"]
