"""Decoded images as pictures."""

from __future__ import annotations

import base64
import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from study.errors import EvidenceError
from study.evidence.store import Store
from study.report.charts import drawing
from study.report.charts.decoded import ACROSS, COLUMNS, PIXELS, figures, picture


@pytest.mark.parametrize("side", [2, 8, 28])
@pytest.mark.parametrize("count", [1, 4, 6])
def test_a_picture_shows_every_pixel_of_every_image(side, count):
    rng = np.random.default_rng(1)
    levels = rng.integers(16, size=(count, side, side))
    images = ["".join(f"{level:x}" for level in one.ravel()) for one in levels]
    uri = picture(images, side)
    found = np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))))
    factor = max(1, round(PIXELS / (ACROSS * side)))
    step = factor * side + max(1, round(factor * side / 16))
    for number, one in enumerate(levels):
        top, left = step * (number // ACROSS), step * (number % ACROSS)
        shown = found[top : top + factor * side : factor, left : left + factor * side : factor]
        np.testing.assert_array_equal(shown, one * 17)
    assert found.shape[1] >= 0.8 * PIXELS


def test_a_line_is_a_weight_largest_first(tmp_path, decoded, values):
    store = Store(tmp_path)
    store.update_figure_data("quick", "jax", decoded)
    (figure,) = figures(store)
    titles = [one["text"] for one in values(figure.spec, "title") if isinstance(one, dict) and "text" in one]
    lines = [title for title in titles if "weight" in title]
    assert lines == ["KL weight 1, 8 latents", "KL weight 0.25, 8 latents"]
    assert [title for title in titles if title in COLUMNS.values()] == [*COLUMNS.values()] * 2
    assert "weight 1 and 0.25" in figure.alt
    assert drawing.svg(figure.spec).count("data:image/png;base64,") >= 8


def test_images_of_one_architecture_are_shown(tmp_path, decoded):
    store = Store(tmp_path)
    other = [replace(row, context="activation=tanh, decoder_depth=1") for row in decoded]
    store.update_figure_data("quick", "jax", [*decoded, *other])
    (figure,) = figures(store)
    assert "relu" in figure.caption
    assert len(figure.spec["vconcat"]) == 2


@pytest.mark.parametrize("images", [{}, dict.fromkeys(COLUMNS, ("zz",)), dict.fromkeys(COLUMNS, ("000",))])
def test_data_that_cannot_be_drawn_are_named(tmp_path, decoded, images):
    store = Store(tmp_path)
    store.update_figure_data("quick", "jax", [replace(decoded[0], images=images)])
    with pytest.raises(EvidenceError, match="quick/digits, figure decoded"):
        figures(store)
