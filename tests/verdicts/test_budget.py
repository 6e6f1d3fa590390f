"""The error budget: Holm by hand, families with missing rows, and its error rate by simulation."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.errors import InvalidValue
from study.verdicts.budget import BUDGET, holm, row_alpha


@pytest.fixture(scope="module", autouse=True)
def _quick_collections():
    """Statsmodels collects garbage at every call: keep it from looking through all that was imported."""
    holm([0.5])  # Imports.
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


p_values = st.lists(st.floats(0, 1), max_size=8)


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


@given(p_values, st.integers(0, 5))
def test_rows_that_did_not_run_cost_what_they_would(p, missing):
    """A family declared larger equals one whose missing rows have no evidence."""
    declared = holm(p, declared=len(p) + missing)
    assert declared == pytest.approx(holm([*p, *[None] * missing])[: len(p)])
    assert (declared >= holm(p) - 1e-12).all()


@given(p_values.filter(len), st.integers(0, 5))
def test_the_first_step_rejects_nothing_that_holm_keeps(p, missing):
    """Judging each row at ``row_alpha`` is the careful side of Holm, and agrees on the smallest p-value."""
    first = np.array(p) <= row_alpha(BUDGET, len(p) + missing) * (1 - 1e-12)
    adjusted = holm(p, declared=len(p) + missing)
    assert (adjusted[first] <= BUDGET).all()
    if not first.any():
        assert (adjusted >= BUDGET * (1 - 1e-9)).all()


def test_family_wise_error():
    """Five true nulls: one or more rejected in at most 5 % of 1,000 families (allowed 8 %, four Monte-Carlo errors).

    Without adjustment 23 % are, so that the check can fail.
    """
    p = np.random.default_rng(5).uniform(size=(1000, 5))
    assert np.mean([(holm(row) <= 0.05).any() for row in p]) <= 0.08
    assert np.mean((p <= 0.05).any(axis=1)) > 0.18


def test_no_rows():
    assert holm([]).shape == (0,)


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: holm([1.5]), "p_values"),
        (lambda: holm([float("nan")]), "p_values"),
        (lambda: holm([0.5, 0.5], declared=1), "declared"),
        (lambda: holm([0.5], alpha=0), "alpha"),
        (lambda: row_alpha(0.05, 0), "declared"),
        (lambda: row_alpha(5, 2), "alpha"),
    ],
)
def test_refusals_name_the_argument(call, argument):
    with pytest.raises(InvalidValue, match=f"^{argument}: expected"):
        call()
