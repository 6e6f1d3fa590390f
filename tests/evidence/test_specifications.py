"""A recorded specification: on which side of the threshold its median lies."""

from __future__ import annotations

import math

import pytest

from study.evidence.specifications import Specification


def _specification(low: float | None, high: float | None, *, applicable: bool = True) -> Specification:
    return Specification(
        claim="c", parameters={"b": "2", "a": "1"}, about="", threshold=0.5, unit="nats", choices={}, own=False,
        replicas=8, applicable=applicable, medians=(low, high), low=low, high=high,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("low", "high", "side", "median"),
    [
        (0.5, 0.5, 1, 0.5),
        (0.2, 0.4, -1, 0.3),
        (0.4, 0.8, 0, 0.6),
        (None, None, 0, None),
        (-math.inf, -math.inf, -1, -math.inf),
        (-math.inf, 0.6, 0, -math.inf),
    ],
)
def test_its_bracket_reaches_falls_short_or_does_neither(low, high, side, median):
    found = _specification(low, high)
    assert found.side == side
    assert found.median == (median if median is None else pytest.approx(median))


def test_what_the_claim_says_nothing_about_is_on_no_side():
    assert _specification(0.9, 0.9, applicable=False).side == 0


def test_specifications_of_a_row_share_its_claim_and_parameters_in_any_order():
    assert _specification(1, 1).row == ("c", (("a", "1"), ("b", "2")))
