"""Records: observations are gathered into series and come back, and what belongs elsewhere is refused."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.design.claim import Claim, Estimand
from study.errors import InvalidValue
from study.evidence.records import ClaimWords, Evidence, Observation, apart, as_fresh, series

SEEN = Observation(claim="c", parameters={"b": "2", "a": "1"}, data="digits", context="x", replica=0, low=0.5, high=0.5)
ends = st.floats(allow_nan=True).map(lambda value: float(f"{value:.9g}") + 0.0)
observations = st.lists(
    st.builds(
        lambda context, replica, low, high: replace(SEEN, context=context, replica=replica, low=low, high=high),
        st.sampled_from("xyz"),
        st.integers(0, 3),
        ends,
        ends,
    ),
    unique_by=lambda o: o.identity,
)


@given(observations, st.randoms(use_true_random=False))
def test_series_hold_the_observations_whatever_their_order(seen, random):
    gathered = series(seen)
    back = [o for one in gathered for o in one.observations("c")]
    assert sorted(map(repr, back)) == sorted(map(repr, (replace(o, parameters={"a": "1", "b": "2"}) for o in seen)))
    shuffled = [*seen, *seen]
    random.shuffle(shuffled)
    assert series(shuffled) == gathered
    assert len({one.context for one in gathered}) == len(gathered)


def test_exact_values_are_held_once():
    (exact,) = series([SEEN, replace(SEEN, replica=1, low=math.nan, high=math.nan)])
    assert exact.low == exact.ends == (0.5, None)
    assert not exact.high
    (bracket,) = series([replace(SEEN, high=1.0)])
    assert bracket.high == bracket.ends == (1.0,)


@pytest.mark.parametrize("other", [0.6, math.nan, math.inf])
def test_two_values_of_one_observation_are_refused(other):
    with pytest.raises(InvalidValue, match=r"observations: expected one value"):
        series([SEEN, replace(SEEN, low=other)])


@given(observations, observations)
def test_observations_on_fresh_seeds_are_told_apart(looks, fresh):
    assert repr(apart([*as_fresh(fresh), *looks])) == repr((looks, fresh))


def test_evidence_is_of_one_row(make_row):
    row = make_row(claim="c", parameters=SEEN.parameters, data="digits")
    evidence = Evidence.gather(ClaimWords(claim="c", statement="So."), row, [SEEN], [SEEN], ["x"])
    assert (evidence.statement, evidence.rows, evidence.design) == ("So.", (row,), ("x",))
    assert [o.context for o in evidence.of_row(row)] == ["fresh: x", "x"]
    assert evidence.of_row(replace(row, data="mnist")) == []
    for stray in ({"claim": "d"}, {"data": "mnist"}, {"parameters": {"a": "1"}}):
        with pytest.raises(InvalidValue, match=r"^observations: expected observations of the row"):
            Evidence.gather(ClaimWords(claim="c"), row, [replace(SEEN, **stray)])
    with pytest.raises(InvalidValue, match=r"^row: expected a row of claim 'd'"):
        Evidence.gather(ClaimWords(claim="d"), row, [])


def test_words_are_those_of_the_claim():
    claim = Claim(
        id="c", statement="So it is.", source="nobody", chapter="1. All", question="Is it?", words={"1": "one"},
        quotation="so", means={"1": {"SUPPORTED": "one is"}},
        parameters={"a": ("1",)}, estimand=lambda a: Estimand(0, "nats"),
    )  # fmt: skip
    words = ClaimWords.of(claim)
    assert words.claim == claim.id
    for name in ("statement", "source", "chapter", "question", "quotation", "words", "means"):
        assert getattr(words, name) == getattr(claim, name)
