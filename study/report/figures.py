"""What the figures share: style, colours, and how they are saved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

WIDTH = 8.4
"""Inches: text of 9 points stays legible when the figure is shown at page width."""
DPI = 180
INK = "#33373d"
PRIOR = "#8a9099"
COLOURS = (
    "#4e79a7", "#f28e2b", "#e15759", "#76b7b2", "#59a14f",
    "#d4b01f", "#b07aa1", "#ff9da7", "#9c755f", "#7d7f85",
)  # fmt: skip
"""Ten hues, apart in lightness too; a figure never tells things apart by colour alone."""
STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": PRIOR,
    "axes.linewidth": 0.7,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "grid.color": "#e8eaed",
    "grid.linewidth": 0.7,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "figure.facecolor": "white",
}


@contextmanager
def canvas(path: Path, height: float) -> Iterator[Figure]:
    """Lend a figure of page width and save it; equal drawings give equal bytes.

    Args:
        path: The PNG to write; its folder is made.
        height: Height in inches.

    Yields:
        A figure without any global state.
    """
    defaults: Any = mpl.rcParamsDefault  # Not the user's own matplotlibrc: figures look the same everywhere.
    settings: Any = {**defaults, **STYLE}
    with mpl.rc_context(settings):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        yield figure
        path.parent.mkdir(parents=True, exist_ok=True)
        # The version of matplotlib would otherwise be written into the file.
        figure.savefig(path, dpi=DPI, metadata={"Software": None}, pil_kwargs={"optimize": True})
