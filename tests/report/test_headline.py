"""Which rows answer a question, and which of them is the least clear."""

from __future__ import annotations

from dataclasses import replace

import pytest

from study.evidence.fingerprint import Registration
from study.report.headline import headline, largest, least_clear, margin


def _asked(*texts: str) -> Registration:
    asked = {str(n): text for n, text in enumerate(texts)}
    return Registration(kind="most", threshold="0", declared=1, contexts=("a",), asked=asked)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (("rate(of activation=relu, kl_weight=1.0, latent_dim=2)",), True),
        (("rate(of kl_weight=0.5, latent_dim=2)",), False),
        (("rate(of kl_weight=0.125)", "rate(of kl_weight=1.0)"), True),  # of every VAE; or along the weight
        (("rate(of kl_weight=10.0, latent_dim=1.0)",), False),
        (("rate(of somebody's model)",), True),
        ((), True),
    ],
)
def test_headline_rows_speak_of_weight_one(make_row, asked: tuple[str, ...], expected: bool) -> None:
    """Weight 1 alone or among others; 10 is not 1; a row that names no weight is not left out."""
    assert headline(make_row(registration=_asked(*asked))) is expected


def test_what_was_not_registered_is_a_headline(make_row) -> None:
    assert headline(make_row(registration=None))


def test_a_search_is_no_headline(make_row) -> None:
    """Its grid holds weight 1, but the VAE that it ends with may have another."""
    assert not headline(make_row(kind="search", registration=_asked("coverage(of kl_weight=1.0)")))


def test_each_row_is_taken_at_its_largest_scale(make_row) -> None:
    """With all backends there; other data are another row."""
    rows = [
        make_row(scale="standard", backend="torch"), make_row(), make_row(data="mnist"), make_row(scale="standard"),
    ]  # fmt: skip
    found = [[(row.data, row.scale, row.backend) for row in group] for group in largest(rows)]
    assert found == [[("digits", "standard", "jax"), ("digits", "standard", "torch")], [("mnist", "quick", "jax")]]


def test_the_least_clear_row_is_the_one_nearest_to_another_word(make_row) -> None:
    """By the count first; then by how far its interval is from the threshold, whatever the unit; a row of no interval
    is clear."""
    clear = make_row(reach=16, short=0)
    nearer = replace(clear, low=0.1)
    scaled = replace(clear, low=250, high=370, threshold=20)
    assert margin(make_row())[0] == 1
    assert margin(scaled) == pytest.approx(margin(clear))
    assert least_clear([[clear, nearer], [make_row()]]) == make_row()
    assert least_clear([[clear], [nearer]]) == nearer
    assert least_clear([[make_row(reach=16, short=0, low=None, high=None)], [clear]]) == clear
    assert margin(make_row(verdict="REFUTED", reach=1, short=15))[0] == 2
