"""Rate, mutual information and marginal KL over the KL weight."""

from __future__ import annotations

from dataclasses import replace

import pytest

from study.evidence.store import Store
from study.report.charts.information import figures


@pytest.fixture
def drawing(tmp_path):
    def make(rows):
        store = Store(tmp_path)
        store.update_figure_data("quick", "jax", rows)
        return figures(store)

    return make


def test_medians_of_each_architecture_are_drawn(drawing, information, drawn):
    (figure,) = drawing(information)
    middles, points = sorted(drawn(figure.spec), key=len)
    assert len(middles) == 6
    assert len(points) == 12
    assert {(row["x"], row["what"], row["y"]) for row in middles} == {
        ("0.25", "rate", "6.1"), ("0.25", "mutual information", "4.1"), ("0.25", "marginal KL of q_n", "2.0"),
        ("1.0", "rate", "4.1"), ("1.0", "mutual information", "3.7"), ("1.0", "marginal KL of q_n", "0.4"),
    }  # fmt: skip
    assert "2 latents, KL weight 0.25: rate 6.10, mutual information 4.10, marginal KL of q_n 2.00 nats." in figure.alt


@pytest.mark.parametrize(
    ("shares", "title"),
    [
        ({0.25: 2.0, 1.0: 0.4}, "The smaller the KL weight, the more of the rate is marginal KL"),
        ({0.25: 0.2, 1.0: 0.4}, "Whatever the KL weight, nearly all of the rate is mutual information"),
        ({0.25: 0.2, 1.0: 2.0}, "Part of the rate is mutual information, part marginal KL"),
    ],
)
def test_the_title_follows_the_share_of_the_marginal_kl(drawing, information, shares, title):
    (figure,) = drawing([replace(row, marginal_kl=(shares[row.kl_weight],)) for row in information])
    assert figure.title == title


def test_one_weight_alone_is_no_curve(drawing, information):
    assert drawing([row for row in information if row.kl_weight == 1]) == []
