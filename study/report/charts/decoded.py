"""Figure: images decoded from draws of the prior, the aggregate posterior and a fitted mixture, beside the data."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import altair as alt
import numpy as np
from PIL import Image

from study.evidence.figure_data import Decoded
from study.evidence.store import Store
from study.report import text
from study.report.charts import shown
from study.report.charts.figure import Figure
from study.report.charts.rows import fields, said
from study.report.charts.style import SMALL, WIDTH, inline, specification

COLUMNS = {
    "prior": "draws of N(0, I)",
    "aggregate": "draws of q(z)",
    "gaussian_mixture": "a fitted mixture",
    "data": "held-out images",
}
"""What is shown, from left to right."""
ACROSS = 4
"""Images in a line of a tile."""
PIXELS = 144
"""Least pixels on a side of a tile's file, so that small images stay crisp."""
TILE = WIDTH / len(COLUMNS) - 12


def figures(store: Store) -> list[Figure]:
    """Draw what was recorded, one figure a scale and data set: a line a KL weight, largest first."""
    found = []
    for (scale, data), (backend, rows) in shown.by_run(store, Decoded).items():
        first = [row for row in rows if row.context == rows[0].context]
        first.sort(key=lambda row: (-row.kl_weight, row.latent_dim))
        try:
            found.append(_figure(first, scale, data, backend))
        except (KeyError, ValueError, TypeError) as error:
            raise shown.damaged(Decoded.name, (scale, data), error) from error
    return found


def _figure(rows: Sequence[Decoded], scale: str, data: str, backend: str) -> Figure:
    lines = []
    for row in rows:
        name = f"KL weight {row.kl_weight:g}, {text.plural(row.latent_dim, 'latent')}"
        tiles = [_tile(row.images[key], row.side, label) for key, label in COLUMNS.items()]
        lines.append(alt.hconcat(*tiles, spacing=12, title=alt.TitleParams(name, fontWeight=600)))
    weights = text.listing(f"{row.kl_weight:g}" for row in rows)
    count = len(rows[0].images["data"])
    alt_text = (
        f"{count} images each decoded from draws of N(0, I), of the aggregate posterior and of a fitted Gaussian "
        f"mixture, beside held-out images of {text.images(data)}, at KL weight {weights}."
    )
    about = said(fields(rows[0].context)) or rows[0].context
    caption = (
        f"Mean images that VAEs decode, one VAE a line ({shown.where(backend, scale, data)}; {about}): from draws of "
        "the prior, of q(z), the mixture of the training posteriors, and of a Gaussian mixture fitted to it. None was "
        "picked by hand."
    )
    return Figure(
        name=shown.stem(Decoded.name, scale, data),
        claim="",
        title=f"Images decoded from N(0, I), from q(z) and from a fitted mixture: {text.images(data)}",
        alt=alt_text,
        caption=caption,
        spec=specification(alt.vconcat(*lines), alt_text),
    )


def _tile(images: Sequence[str], side: int, label: str) -> alt.Chart:
    """Draw images of one sampler as one picture."""
    high = -(-len(images) // ACROSS)
    return (
        alt.Chart(inline([{"url": picture(images, side)}]))
        .mark_image(width=TILE, height=TILE * high / ACROSS, smooth=False)
        .encode(url="url:N", x=alt.value(TILE / 2), y=alt.value(TILE * high / ACROSS / 2))
        .properties(
            width=TILE,
            height=TILE * high / ACROSS,
            title=alt.TitleParams(label, fontSize=SMALL, fontWeight=400, offset=4),
        )
    )


def picture(images: Sequence[str], side: int) -> str:
    """Return images as one PNG in a data URI, a white line between them.

    Args:
        images: Images, each a hexadecimal digit a pixel.
        side: Pixels on a side of an image.
    """
    grey = np.array([[int(digit, 16) for digit in one] for one in images], np.uint8).reshape(-1, side, side) * 17
    high = -(-len(images) // ACROSS)
    factor = max(1, round(PIXELS / (ACROSS * side)))
    gap = max(1, round(factor * side / 16))
    step = factor * side + gap
    sheet = np.full((high * step - gap, ACROSS * step - gap), 255, np.uint8)
    for number, one in enumerate(grey):
        top, left = (place * step for place in divmod(number, ACROSS))
        sheet[top : top + factor * side, left : left + factor * side] = one.repeat(factor, 0).repeat(factor, 1)
    content = io.BytesIO()
    Image.fromarray(sheet).save(content, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(content.getvalue()).decode()}"
