"""Figure: rate, mutual information and marginal KL over the KL weight; the rate is the sum of the other two."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np

from study.evidence.figure_data import Information
from study.evidence.store import Store
from study.report import text
from study.report.charts import shown
from study.report.charts.figure import Figure
from study.report.charts.style import WIDTH, Layers, inline, looks, specification

CURVES = {"rate": "rate", "mutual_information": "mutual information", "marginal_kl": "marginal KL of q_n"}
SHARE = 0.25
"""Share of the rate that is called little."""


def figures(store: Store) -> list[Figure]:
    """Draw what was recorded at two KL weights or more, one figure a scale and data set."""
    found = []
    for (scale, data), (backend, rows) in shown.by_run(store, Information).items():
        if len({row.kl_weight for row in rows}) > 1:
            found.append(_figure(rows, scale, data, backend))
    return found


def _figure(rows: Sequence[Information], scale: str, data: str, backend: str) -> Figure:
    latents = sorted({row.latent_dim for row in rows})
    scales = looks(list(CURVES.values()))
    top = max(value for row in rows for value in row.rate if value is not None)
    panels = [
        _panel([row for row in rows if row.latent_dim == one], one, scales, top, number == 0, len(latents))
        for number, one in enumerate(latents)
    ]
    smallest, largest = (end(row.kl_weight for row in rows) for end in (min, max))
    told = []
    for one in latents:
        for weight in (smallest, largest):
            if some := [row for row in rows if (row.latent_dim, row.kl_weight) == (one, weight)]:
                numbers = [f"{name} {text.number(_median(some, key))}" for key, name in CURVES.items()]
                told.append(f"{one} latents, KL weight {weight:g}: {', '.join(numbers)} nats.")
    alt_text = f"Rate, mutual information and marginal KL of q_n over the KL weight. {' '.join(told)}"
    share = max(_median(rows_at, "marginal_kl") / max(_median(rows_at, "rate"), 1e-9) for rows_at in _cells(rows))
    title = (
        "Whatever the KL weight, nearly all of the rate is mutual information"
        if share <= SHARE
        else "The smaller the KL weight, the more of the rate is marginal KL"
        if _growing(rows)
        else "Part of the rate is mutual information, part marginal KL"
    )
    caption = (
        f"Over the training images ({shown.where(backend, scale, data)}): rate = mutual information + marginal KL, "
        "exactly, where q_n is the mixture of the posteriors of just these images. Each mark is the median of one "
        "architecture's VAEs; the line is the median over architectures."
    )
    return Figure(
        name=shown.stem(Information.name, scale, data),
        claim="",
        title=title,
        alt=alt_text,
        caption=caption,
        spec=specification(alt.hconcat(*panels, spacing=12), alt_text),
    )


def _panel(
    rows: Sequence[Information], latents: int, scales: tuple[alt.Scale, alt.Scale], top: float, first: bool, count: int
) -> Layers:
    points, middles = [], []
    weights = sorted({row.kl_weight for row in rows})
    for key, name in CURVES.items():
        for weight in weights:
            some = [row for row in rows if row.kl_weight == weight]
            each = [_median([row], key) for row in some]
            points += [{"x": weight, "y": round(value, 2), "what": name} for value in each]
            middles.append({"x": weight, "y": round(float(np.median(each)), 2), "what": name})
    x = alt.X(
        "x:Q",
        title="KL weight",
        scale=alt.Scale(type="log", base=2, nice=False, padding=10),
        axis=alt.Axis(values=weights, grid=False, format="~g"),
    )
    axis = alt.Axis() if first else alt.Axis(labels=False, ticks=False)
    y = alt.Y(
        "y:Q", title="nats" if first else None, scale=alt.Scale(domain=[0, round(1.05 * top, 1)], nice=False), axis=axis
    )
    colour = alt.Color("what:N", scale=scales[0], legend=alt.Legend(columns=3))
    told = [alt.Tooltip("what:N", title=" "), alt.Tooltip("x:Q", title="KL weight"), alt.Tooltip("y:Q", title="nats")]
    return alt.layer(
        alt.Chart(inline(middles)).mark_line(strokeWidth=2).encode(x=x, y=y, color=colour),
        alt.Chart(inline(points))
        .mark_point(filled=True, size=45, opacity=0.85)
        .encode(x=x, y=y, color=colour, shape=alt.Shape("what:N", scale=scales[1]), tooltip=told),
    ).properties(width=(WIDTH - 50 - 12 * (count - 1)) / count - 8, height=190, title=text.plural(latents, "latent"))


def _median(rows: Sequence[Information], key: str) -> float:
    values = [value for row in rows for value in getattr(row, key) if value is not None]
    return float(np.median(values)) if values else float("nan")


def _cells(rows: Sequence[Information]) -> list[list[Information]]:
    found: dict[tuple[float, int], list[Information]] = {}
    for row in rows:
        found.setdefault((row.kl_weight, row.latent_dim), []).append(row)
    return list(found.values())


def _growing(rows: Sequence[Information]) -> bool:
    """Whether the share of the rate that is marginal KL is largest at the smallest weight, whatever the latents."""
    for latents in {row.latent_dim for row in rows}:
        shares = {
            cell[0].kl_weight: _median(cell, "marginal_kl") / max(_median(cell, "rate"), 1e-9)
            for cell in _cells(rows)
            if cell[0].latent_dim == latents
        }
        if max(shares, key=lambda weight: shares[weight]) != min(shares):
            return False
    return True
