"""The latent plane."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from study.errors import EvidenceError
from study.evidence.store import Store
from study.report.charts.plane import POINTS, figures


@pytest.fixture
def plane(tmp_path, latent_plane):
    """Draw the plane of some codes: means and draws."""

    def make(**changes):
        store = Store(tmp_path)
        store.update_figure_data("quick", "jax", [replace(latent_plane[0], **changes)])
        (figure,) = figures(store)
        return figure

    return make


def ring(radius):
    return tuple((radius * np.cos(a), radius * np.sin(a)) for a in np.linspace(0, 6, 200))


def test_the_title_counts_what_lies_inside(plane):
    figure = plane(means=ring(1.0), draws=(*ring(2.4)[:190], *ring(2.5)[:10]))
    assert figure.title == "The prior's 95% circle holds 95% of the draws of q(z), 100% of the means"
    assert "posterior means 100%" in figure.alt


def test_each_image_is_a_numeral_at_its_place(plane, drawn):
    codes = ring(1.0)
    tables = [table for table in drawn(plane(means=codes, draws=ring(2.0)).spec) if "class" in table[0]]
    assert [len(table) for table in tables] == [200, 200]
    assert [row["class"] for row in tables[0][:11]] == [*"0123456789", "0"]
    assert [float(row["x"]) for row in tables[0]] == pytest.approx([x for x, _ in codes], abs=0.006)


def test_more_images_than_can_be_seen_are_thinned(plane, drawn):
    many = {"means": ring(1.0) * 10, "draws": ring(2.0) * 10, "classes": (1,) * 2000}
    assert all(len(table) <= POINTS for table in drawn(plane(**many).spec) if "class" in table[0])


def test_one_row_stands_for_weight_1(tmp_path, latent_plane):
    store = Store(tmp_path)
    contexts = ("activation=relu", "activation=tanh", "kl_weight=0.5")
    store.update_figure_data("quick", "jax", [replace(latent_plane[0], context=one) for one in contexts])
    store.update_figure_data("quick", "torch", latent_plane)
    (figure,) = figures(store)
    assert figure.name == "latent_plane-quick-digits"
    assert "digits, scale quick, jax; relu" in figure.caption


def test_data_that_cannot_be_drawn_are_named(plane):
    with pytest.raises(EvidenceError, match="quick/digits, figure latent_plane"):
        plane(means=((1.0,),))
