"""Numbers and names as readers see them."""

from __future__ import annotations

import html

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from study.report import text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (float("inf"), "∞"),
        (float("-inf"), "−∞"),
        (0.0, "0.00"),
        (0.3141, "0.314"),
        (-0.3141, "−0.314"),
        (1234.5, "1234"),
        (-1e-9, "−1.0e−09"),
        (0.02, "0.0200"),
    ],
)
def test_number(value: float | None, expected: str) -> None:
    """Three significant digits and a typographic minus."""
    assert text.number(value) == expected


@given(st.floats(-1e5, 1e5))
def test_number_loses_no_more_than_it_says(value: float) -> None:
    """Reading a number back gives it to three significant digits."""
    assert float(text.number(value).replace("−", "-")) == pytest.approx(value, rel=6e-2 if abs(value) < 1e-4 else 5e-3)


def test_interval_shares_decimals() -> None:
    """The width decides the digits; no width, or no median, is not an error."""
    assert text.interval(0.31234, 0.24, 0.37) == "0.31 [0.24, 0.37]"
    assert text.interval(-0.0001, -0.07, 0.06) == "0.00 [−0.07, 0.06]"
    assert text.interval(1.0, 1.0, 1.0) == "1.00 [1.00, 1.00]"
    assert text.interval(None, None, None) == "–"
    assert text.interval(0.5, float("-inf"), 0.75) == "0.500 [−∞, 0.750]"


def test_row_words(make_row, in_context) -> None:
    """Each cell of a row's line."""
    row = make_row(verdict="INCONCLUSIVE", reason="floor-bound", diverged=3, threshold=-0.01, kind="every")
    assert text.verdict(row) == "○ INCONCLUSIVE: floor-bound"
    assert text.threshold(row) == "≥ −0.01 nats"
    every = make_row(kind="every", note="in all 9 listed; not applicable in 1 of 9 contexts")
    assert text.note(every) == "not applicable in 1 of 9 contexts"
    assert text.note(make_row(kind="every", note="in all 9 listed")) == ""
    assert text.count(make_row(reach=0, short=0, count=0)) == "none counted"
    assert text.replicas(row) == "2 × 8 (−3)"
    assert text.spread(row) == "0.20 … 0.40"
    assert text.level(make_row(level=1 - 0.05 / 60)) == "99.92 %"
    assert text.name(make_row(parameters={})) == "digits"
    assert text.spread(make_row(contexts=(in_context("a", None), in_context("b", 1.0)))) == "–"
    assert (text.share(row), text.holds_in(make_row())) == ("60 % to 99 %", "2 of 2")
    assert (text.share(make_row(share_low=None)), text.holds_in(make_row(contexts=()))) == ("–", "–")
    assert text.holds_in(row) == "–"


@pytest.mark.parametrize(
    ("kind", "reach", "short", "said"),
    [
        ("most", 22, 2, "22 of 24 reach, 2 fall short"),
        ("most", 0, 22, "22 of 24 fall short"),
        ("most", 24, 0, "24 of 24 reach"),
        ("every", 24, 0, "24 of 24 contexts hold"),
        ("search", 20, 1, "20 of 24 VAEs hold, 1 fail"),
        ("exact", 24, 0, "24 of 24 cases hold"),
    ],
)
def test_counts(make_row, kind: str, reach: int, short: int, said: str) -> None:
    """What is counted: VAEs, contexts of a claim of every VAE, cases of an identity."""
    assert text.count(make_row(kind=kind, reach=reach, short=short, count=24)) == said


def test_repeat_command(make_row) -> None:
    """The command names backend, claim and scale; the selector the parametrisation."""
    row = make_row(backend="torch", scale="standard")
    assert (
        text.command(row) == "KERAS_BACKEND=torch pytest claims/test_aggregate_close_to_prior.py --study-scale standard"
    )
    assert text.selector(row) == ' -k "latent_dim and total"'
    assert text.selector(make_row(parameters={})) == ""


def test_small_words() -> None:
    """Durations, lists, plurals."""
    said = ["–", "500 ms", "12.3 s", "1 minute and 30 seconds", "2 hours", "2 hours and 5 minutes", "10000 hours"]
    assert [text.duration(s) for s in (None, 0.5, 12.34, 89.9, 7199.0, 7500.0, 3.6e7)] == said
    assert text.duration(3599.6) == "1 hour"
    assert [text.listing(words) for words in ("", "a", "ab", "abc")] == ["nothing", "a", "a and b", "a, b and c"]
    assert (text.plural(1, "row"), text.plural(2000, "row")) == ("1 row", "2,000 rows")


@given(st.text(max_size=60))
@example("__0__")  # an underscore beside an escaped one is markup, too
def test_escaped_words_come_out_as_they_are(words: str) -> None:
    """Whatever they are: rendered within a line they read as before, on one line, and are no markup."""
    line = " ".join("".join(c for c in words if c.isprintable() or c.isspace()).split())
    shown = MarkdownIt("commonmark", {"html": True}).enable("table").render(f"x {text.md(line)} x")
    assert html.unescape(shown) == f"<p>x {line} x</p>\n".replace("x  x", "x x") or not line


def test_the_threshold_of_an_identity_is_its_largest_error(make_row):
    assert text.threshold(make_row(kind="exact", threshold=1e-9, unit="nats")) == "≤ 1e−09 nats"
