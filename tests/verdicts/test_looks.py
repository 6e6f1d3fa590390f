"""Looks: how many, and that a row's level does not depend on what else runs."""

from __future__ import annotations

import pytest

from study.errors import InvalidValue
from study.verdicts.looks import looks, row_alpha


def test_the_looks_of_a_scale_and_those_asked_for():
    assert {scale: looks(scale) for scale in ("quick", "standard", "full")} == {
        "quick": (8, 16), "standard": (8, 16, 32), "full": (8, 16, 32),
    }  # fmt: skip
    assert looks("full", 4) == (4,)


def test_rows_and_looks_share_the_level():
    assert row_alpha(0.05, 5, looks("quick")) == pytest.approx(0.005)
    assert row_alpha(0.05, 1, looks("full", 4)) == 0.05


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: looks("huge"), "scale"),
        (lambda: looks("huge", 4), "scale"),
        (lambda: row_alpha(0.05, 0, (8,)), "declared"),
        (lambda: row_alpha(0.05, 1, ()), "looks"),
    ],
)
def test_what_makes_no_sense_is_refused(call, argument):
    with pytest.raises(InvalidValue, match=f"^{argument}: expected"):
        call()
