"""Figure: the marginal KL against each capacity axis, its bracket as a band and the empirical floor dotted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from study.evidence.figure_data import MarginalKL
from study.report.figures import COLOURS, INK, PRIOR, canvas
from study.report.text import context_names

AXES = {
    "encoder_width": ("Encoder width", "units of each hidden layer"),
    "encoder_depth": ("Encoder depth", "hidden layers"),
    "width": ("Width of both networks", "units of each hidden layer"),
    "latent_dim": ("Latents", "latent dimension D"),
    "kl_weight": ("KL weight", "KL weight"),
}
"""Axis → title and label, in the order of the panels."""
MARKERS = "os^DvPX"
LINEAR = ("encoder_depth",)
COLUMNS = 2


def draw(rows: Sequence[MarginalKL], path: Path) -> Path:
    """Draw the marginal KL of a run along every axis.

    Args:
        rows: The figure data.
        path: The PNG to write.

    Returns:
        The path.
    """
    letters = letter(rows)
    panels = sorted({(row.data, row.axis) for row in rows}, key=lambda panel: (panel[0], _order(panel[1])))
    height = -(-len(panels) // COLUMNS)
    with canvas(path, 0.45 + 2.75 * height) as figure:
        grid = figure.subplots(height, COLUMNS, squeeze=False).ravel()
        for axes, (data, axis) in zip(grid, panels, strict=False):
            for row in rows:
                if (row.data, row.axis) == (data, axis):
                    _context(axes, row, _look(letters[row.context]))
            _finish(axes, axis, data, [row for row in rows if (row.data, row.axis) == (data, axis)])
        for axes in grid[len(panels) :]:
            axes.remove()
        handles: list[Line2D | Patch] = [
            Line2D([], [], **_look(name), label=name)
            for name in sorted(set(letters.values()), key=lambda name: (len(name), name))
        ]
        handles += [
            Patch(color=PRIOR, alpha=0.3, lw=0, label="between the bounds"),
            Line2D([], [], color=PRIOR, ls=":", lw=1.5, label="floor of the empirical KL"),
        ]
        figure.legend(handles=handles, loc="outside upper left", ncols=min(len(handles), 8), columnspacing=1.2)
    return path


def letter(rows: Sequence[MarginalKL]) -> dict[str, str]:
    """Give each context its letter, in order of appearance."""
    contexts = dict.fromkeys(row.context for row in rows)
    names = [*ascii_uppercase, *(f"{a}{b}" for a in ascii_uppercase for b in ascii_uppercase)]
    return dict(zip(contexts, names, strict=False))


def caption(rows: Sequence[MarginalKL]) -> list[str]:
    """Say which context each letter of the figure stands for."""
    letters = letter(rows)
    names = context_names(letters)
    return [f"**{name}**: {names[context]}" for context, name in letters.items()]


def _order(axis: str) -> tuple[int, str]:
    return (list(AXES).index(axis) if axis in AXES else len(AXES), axis)


def _look(name: str) -> dict[str, Any]:
    """Colour and marker of a context: both, for readers who do not tell the colours apart."""
    index = ascii_uppercase.index(name[-1])
    return {
        "color": COLOURS[index % len(COLOURS)],
        "marker": MARKERS[index % len(MARKERS)],
        "markersize": 4,
        "linewidth": 1.6,
    }


def _mean(values: Sequence[Sequence[float | None]]) -> NDArray[np.float64]:
    """Average each level over the replicas that have a value; NaN where none has."""
    levels = [[value for value in level if value is not None] for level in values]
    return np.array([np.mean(level) if level else np.nan for level in levels])


def _context(axes: Axes, row: MarginalKL, look: Mapping[str, Any]) -> None:
    levels = np.asarray(row.levels, dtype=float)
    low, high, floor = (_mean(values) for values in (row.low, row.high, row.floor))
    axes.fill_between(levels, low, high, color=look["color"], alpha=0.16, lw=0)
    axes.plot(levels, (low + high) / 2, **look)
    # A floor below zero binds nothing: the KL is never negative anyway.
    axes.plot(levels, np.where(floor > 0, floor, np.nan), color=look["color"], ls=":", lw=1.5)


def _finish(axes: Axes, axis: str, data: str, rows: Sequence[MarginalKL]) -> None:
    levels = sorted({level for row in rows for level in row.levels})
    if axis not in LINEAR and min(levels) > 0:
        axes.set_xscale("log", base=2)
    axes.set_xticks(levels, [f"{level:g}" for level in levels])
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.grid(axis="y")
    title, label = AXES.get(axis, (axis.replace("_", " ").capitalize(), ""))
    axes.set_title(f"{title} · {data}")
    axes.set_xlabel(label)
    axes.set_ylabel("marginal KL (nats)", color=INK)
