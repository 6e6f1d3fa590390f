"""Figure: the plane of a two-dimensional latent, posterior means beside draws of the aggregate posterior."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib.patheffects as effects
import numpy as np
from matplotlib.axes import Axes
from mpl_toolkits.axes_grid1 import make_axes_locatable
from numpy.typing import NDArray

from study.evidence.figure_data import LatentPlane
from study.report.figures import COLOURS, INK, PRIOR, WIDTH, canvas

POINTS = 3000
"""Points drawn in a panel; more of them only blacken the paper."""
ROWS = 4
MASSES = (0.5, 0.95)
"""Shares of the prior inside the circles; at D = 2 the radius is √(−2 ln(1 − share))."""


def draw(rows: Sequence[LatentPlane], path: Path) -> Path:
    """Draw the latent planes of a run, the first few of them.

    Args:
        rows: The figure data.
        path: The PNG to write.

    Returns:
        The path.
    """
    rows = rows[:ROWS]
    with canvas(path, 0.5 + len(rows) * WIDTH / 1.95) as figure:
        grid = figure.subplots(len(rows), 2, squeeze=False)
        for number, (axes, row) in enumerate(zip(grid, rows, strict=True), start=1):
            means, draws = (np.asarray(points, dtype=float) for points in (row.means, row.draws))
            reach = 1.04 * max(3.0, *(float(np.quantile(np.abs(points), 0.998)) for points in (means, draws)))
            classes = np.asarray(row.classes)
            _panel(axes[0], means, classes, reach, "Posterior means μ(x): not the mixture")
            _panel(axes[1], draws, classes, reach, "Mixture q(z): one draw per image")
            # The margin above is the marginal histogram's; the row's name stands left of both panels.
            axes[0].set_ylabel(f"{number}: {row.data}   ·   z₂")
    return path


def caption(rows: Sequence[LatentPlane]) -> list[str]:
    """Say which VAE each row of the figure shows."""
    return [
        f"**{number}**: `{row.data}`, {row.context}; encoder {_network(row.config, 'encoder')}, "
        f"decoder {_network(row.config, 'decoder')}"
        for number, row in enumerate(rows[:ROWS], start=1)
    ]


def _network(config: Mapping[str, object], name: str) -> str:
    return f"{config.get(f'{name}_depth', '?')} × {config.get(f'{name}_width', '?')}"


def _panel(axes: Axes, points: NDArray[np.float64], classes: NDArray[np.int64], reach: float, title: str) -> None:
    step = -(-len(points) // POINTS)
    # Classes are interleaved, or the last one would cover the others.
    shown, labels = points[::step], classes[::step]
    order = np.argsort(np.arange(len(shown)) * 0.618034 % 1.0, kind="stable")
    palette = np.array(COLOURS)[labels[order] % len(COLOURS)]
    axes.scatter(shown[order, 0], shown[order, 1], s=5, c=palette, alpha=0.6, linewidths=0)
    turn = np.linspace(0.0, 2 * np.pi, 361)
    halo = [effects.withStroke(linewidth=2.2, foreground="white")]
    for mass in MASSES:
        radius = np.sqrt(-2 * np.log1p(-mass))
        line = axes.plot(radius * np.cos(turn), radius * np.sin(turn), color=INK, lw=1.0, ls=(0, (4, 2)))[0]
        line.set_path_effects([effects.withStroke(linewidth=2.2, foreground="white", alpha=0.8)])
        axes.annotate(f"{mass:.0%}", (0, -radius), ha="center", va="center", fontsize=7.5, color=INK, path_effects=halo)
    for label in np.unique(classes):
        axes.annotate(
            str(label),
            tuple(np.median(points[classes == label], axis=0)),
            color=COLOURS[label % len(COLOURS)],
            ha="center",
            va="center",
            weight="bold",
            fontsize=12,
            path_effects=[effects.withStroke(linewidth=3, foreground="white")],
        )
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xlabel="z₁")
    axes.spines[["top", "right"]].set_visible(False)
    divider = make_axes_locatable(axes)
    line_at = np.linspace(-reach, reach, 200)
    density = np.exp(-(line_at**2) / 2) / np.sqrt(2 * np.pi)
    bins = np.linspace(-reach, reach, 61)
    for index, (side, orientation) in enumerate((("top", "vertical"), ("right", "horizontal"))):
        margin = divider.append_axes(side, size="13%", pad=0.04)
        margin.hist(points[:, index], bins=bins, density=True, orientation=orientation, color=PRIOR, alpha=0.45)
        curve = (line_at, density) if side == "top" else (density, line_at)
        margin.plot(*curve, color=INK, lw=1.0, ls=(0, (4, 2)))
        (margin.set_xlim if side == "top" else margin.set_ylim)(-reach, reach)
        margin.axis("off")
        if side == "top":
            margin.set_title(title)
