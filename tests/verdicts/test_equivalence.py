"""Equivalence: planted equal, different and undecided, and its error at the margin."""

from __future__ import annotations

import numpy as np
import pytest

from study.errors import InvalidValue
from study.verdicts.equivalence import judge_equal
from study.verdicts.intervals import clopper_pearson
from study.verdicts.rule import ContextSample, Reason, Verdict

S, R, I = Verdict  # noqa: E741


def sample(low, high=None, width=0.002):
    wiggle = width * np.linspace(-1, 1, 8)
    return ContextSample("a", low + wiggle, (low if high is None else high) + wiggle)


@pytest.mark.parametrize(
    ("low", "high", "width", "verdict", "reason"),
    [
        (5.0, 5.0, 0.002, S, Reason.NONE),
        (5.0, 5.0, 0.0, S, Reason.NONE),
        (5.02, 5.02, 0.002, R, Reason.NONE),
        (4.98, 4.98, 0.002, R, Reason.NONE),
        (5.01, 5.01, 0.002, I, Reason.TOO_FEW_REPLICAS),
        (5.0, 5.0, 0.1, I, Reason.TOO_FEW_REPLICAS),  # Failing to reject equality supports nothing.
        (4.9, 5.0, 0.002, I, Reason.FLOOR_BOUND),
        (5.0, 5.1, 0.002, I, Reason.FLOOR_BOUND),
        (5.02, 5.1, 0.002, R, Reason.NONE),
    ],
)
def test_planted_distances(low, high, width, verdict, reason):
    judgement = judge_equal([sample(low, high, width)], target=5.0, margin=0.01, alpha=0.05)
    assert (judgement.verdict, judgement.reason) == (verdict, reason)
    assert judgement.low <= low <= high <= judgement.high
    assert (judgement.p_supported <= 0.025) == (verdict == S)


@pytest.mark.parametrize("truth", [-0.5, 0.5])
def test_error_at_the_margin(truth):
    """Just outside either margin: SUPPORTED in at most 2.5 % of 1,000 studies; REFUTED no oftener.

    Flagged by the one-sided Clopper–Pearson bound at 1e-4, so wrongly with that probability.
    """
    rng = np.random.default_rng(7)
    draws = rng.normal(truth, 0.2, (1000, 8))
    got = [judge_equal([ContextSample("a", x, x)], target=0, margin=0.5, alpha=0.05).verdict for x in draws]
    for verdict in (S, R):
        assert clopper_pearson(got.count(verdict), 1000, 1 - 2e-4)[0] <= 0.025
    inside = [judge_equal([ContextSample("a", x, x)], target=truth, margin=0.5, alpha=0.05).verdict for x in draws]
    assert inside.count(S) > 950  # Power at the target, margin of 2.5 standard deviations.


def test_nothing_to_judge():
    empty = ContextSample("a", np.empty(0), np.empty(0), unconverged=8)
    judgement = judge_equal([empty], target=0, margin=1, alpha=0.05)
    assert (judgement.verdict, judgement.reason, judgement.p_refuted) == (I, Reason.NOT_CONVERGED, None)


def test_a_margin_is_needed():
    with pytest.raises(InvalidValue, match=r"^margin: expected"):
        judge_equal([sample(0.0)], target=0, margin=0, alpha=0.05)
