"""A fingerprint moves with everything that is fixed of a row, and with nothing else."""

from __future__ import annotations

from dataclasses import fields, replace

from hypothesis import given
from hypothesis import strategies as st

from study.evidence import serialise
from study.evidence.fingerprint import Registration

TEXTS = st.text(max_size=9)
REGISTRATIONS = st.builds(
    Registration,
    kind=TEXTS,
    threshold=st.floats(allow_nan=False, allow_infinity=False).map(repr),
    declared=st.integers(1, 99),
    contexts=st.lists(TEXTS, max_size=3).map(tuple),
    asked=st.dictionaries(TEXTS, TEXTS, max_size=3),
)


@given(REGISTRATIONS, REGISTRATIONS)
def test_two_are_one_exactly_if_their_fingerprints_are(one, other):
    assert (one == other) == (one.fingerprint == other.fingerprint)
    for field in fields(Registration):
        mixed = replace(one, **{field.name: getattr(other, field.name)})
        assert (mixed == one) == (mixed.fingerprint == one.fingerprint)
    assert len(one.fingerprint) == 16


@given(REGISTRATIONS)
def test_neither_order_nor_recording_moves_it(one):
    turned = replace(one, asked=dict(reversed(one.asked.items())))
    again = serialise.parse(serialise.line(one), Registration)
    assert turned.fingerprint == again.fingerprint == one.fingerprint


def test_it_is_pinned():
    """Recorded evidence is bound by it: it must not move with a new version of anything."""
    one = Registration(kind="most", threshold="0.1", declared=2, contexts=("ä",), asked={"ä": "rate(of ä)"})
    assert one.fingerprint == "6cfc2fe92d243fdf"


@given(REGISTRATIONS)
def test_nothing_is_said_of_what_did_not_move(one):
    assert one.moved(one) == ""
