"""Figure: the plane of a two-dimensional latent, posterior means beside draws of the aggregate posterior."""

from __future__ import annotations

import math

import altair as alt
import numpy as np

from study.evidence.figure_data import LatentPlane
from study.evidence.store import Store
from study.report import text
from study.report.charts import shown
from study.report.charts.figure import Figure
from study.report.charts.rows import fields, said
from study.report.charts.style import INK, SMALL, WIDTH, Layers, inline, specification

MASS = 0.95
"""Share of the prior inside the circle; at two latents its radius is √(−2 ln(1 − share))."""
POINTS = 500
"""Images shown, at most: more of them only blacken the paper."""
SIDE = WIDTH / 2 - 34
CLASSES = (
    "#0072b2", "#d55e00", "#009e73", "#b5508a", "#a67300", "#2f8fc0", "#5b4b8a", "#8c2d19", "#3d3d3d", "#6b8e23",
)  # fmt: skip
"""Ten hues; a class is told by its numeral, which stands at each image's place."""


def figures(store: Store) -> list[Figure]:
    """Draw the first context of KL weight 1, one figure a scale and data set."""
    found = []
    for (scale, data), (backend, rows) in shown.by_run(store, LatentPlane).items():
        try:
            found.append(_figure(rows[0], scale, backend))
        except (IndexError, ValueError, TypeError) as error:
            raise shown.damaged(LatentPlane.name, (scale, data), error) from error
    return found


def _figure(row: LatentPlane, scale: str, backend: str) -> Figure:
    means, draws = (np.asarray(points, dtype=float).reshape(-1, 2) for points in (row.means, row.draws))
    radius = math.sqrt(-2 * math.log1p(-MASS))
    inside = [float(np.mean(np.hypot(*points.T) <= radius)) for points in (means, draws)]
    reach = 1.04 * max(3.2, *(float(np.quantile(np.abs(points), 0.998)) for points in (means, draws)))
    titles = (("Means μ(x)", "what is usually plotted"), ("Draws of q(z)", "one of each posterior"))
    charts = [
        _panel(points, row.classes, reach, radius, f"{share:.0%} inside", title)
        for points, share, title in zip((means, draws), inside, titles, strict=True)
    ]
    alt_text = (
        f"Latent plane of {len(means)} held-out images of {text.images(row.data)}: of the posterior means "
        f"{inside[0]:.0%}, of the draws of the aggregate posterior {inside[1]:.0%} lie inside the circle that holds "
        "95% of the prior."
    )
    title = f"The prior's 95% circle holds {inside[1]:.0%} of the draws of q(z), {inside[0]:.0%} of the means"
    config = {name: str(row.config[name]) for name in ("kl_weight",) if name in row.config}
    about = ", ".join(part for part in (said(fields(row.context)) or row.context, said(config)) if part)
    caption = (
        f"One VAE with two latents ({shown.where(backend, scale, row.data)}; {about}). Each numeral is one held-out "
        "image, and its class. The dashed circle holds 95 % of N(0, I)."
    )
    return Figure(
        name=shown.stem(LatentPlane.name, scale, row.data),
        claim="",
        title=title,
        alt=alt_text,
        caption=caption,
        spec=specification(alt.hconcat(*charts, spacing=10), alt_text),
    )


def _panel(
    points: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    classes: tuple[int, ...],
    reach: float,
    radius: float,
    share: str,
    title: tuple[str, str],
) -> Layers:
    step = -(-len(points) // POINTS)
    names = [str(label) for label in sorted(set(classes))]
    dots = [
        {"x": round(x, 2), "y": round(y, 2), "class": str(label)}
        for (x, y), label in zip(points[::step].tolist(), classes[::step], strict=True)
    ]
    scale = alt.Scale(domain=[-round(reach, 1), round(reach, 1)], nice=False)
    axis = alt.Axis(grid=False, tickCount=5, titlePadding=2)
    turn = [
        {"x": round(radius * math.cos(a), 3), "y": round(radius * math.sin(a), 3), "a": number}
        for number, a in enumerate(np.linspace(0, 2 * math.pi, 73).tolist())
    ]
    colour = alt.Scale(domain=names, range=[CLASSES[i % len(CLASSES)] for i in range(len(names))])
    x, y = alt.X("x:Q", title="z₁", scale=scale, axis=axis), alt.Y("y:Q", title="z₂", scale=scale, axis=axis)
    place = alt.Chart(inline([{"x": 0, "y": -radius, "text": share}]))
    return alt.layer(
        alt.Chart(inline(turn)).mark_line(color=INK, strokeWidth=1.2, strokeDash=[5, 3]).encode(x=x, y=y, order="a:Q"),
        alt.Chart(inline(dots))
        .mark_text(fontSize=11, fontWeight=600, opacity=0.85, clip=True)
        .encode(x=x, y=y, text="class:N", color=alt.Color("class:N", scale=colour, legend=None), tooltip=["class:N"]),
        place.mark_text(fontSize=SMALL, color=INK, dy=12).encode(x=x, y=y, text="text:N"),
    ).properties(width=SIDE, height=SIDE, title=alt.TitleParams(title[0], subtitle=title[1]))
