"""Error rates and power, simulated: 20,000 studies each, so that a share of 5 % has a standard error of 0.15 %."""

from __future__ import annotations

import math

import numpy as np
import pytest

from study.errors import InvalidValue
from study.verdicts.calibration import EQUAL, POPULATIONS, STUDIES, UNEQUAL, calibrate, simulate
from study.verdicts.looks import BUDGET, LOOKS

ALL = LOOKS["full"]
WRONG = "one seed in ten at −10 sd"
TOLERANCE = 3 * math.sqrt(BUDGET * (1 - BUDGET) / STUDIES)
"""Three standard errors: 0.46 %."""


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("population", POPULATIONS)
def test_words_are_wrong_no_more_often_than_the_level_says(population, number):
    cell = simulate(population, ALL[:number])
    assert cell.wrong <= BUDGET + TOLERANCE
    if population != UNEQUAL:  # MIXED, where no context contradicts another: (C − 1) / 256 a look
        bound = number * 2 / 256
        assert cell.mixed <= bound + 3 * math.sqrt(bound / STUDIES)


def test_many_rows_share_the_level():
    """Ten rows of one claim, all at the threshold and independent: a wrong SUPPORTED among them in 5 % at most."""
    wrong = simulate("log-normal", ALL[:2], declared=10, studies=5 * STUDIES).supported
    assert 1 - (1 - wrong) ** 10 <= BUDGET + TOLERANCE


@pytest.mark.parametrize("population", [name for name in POPULATIONS if name not in (EQUAL, UNEQUAL, WRONG)])
@pytest.mark.parametrize(
    ("looks", "declared", "distance", "power"),
    [
        (ALL[:1], 6, 1.0, 0.83),  # k = 5 of 24
        (ALL[:1], 16, 1.0, 0.67),  # k = 4 of 24
        (ALL[:1], 16, 2.0, 0.998),
        (ALL, 10, 0.5, 0.81),  # 0.5 % over three looks
    ],
)
def test_power_is_as_the_protocol_states(population, looks, declared, distance, power):
    """Three standard errors of a share are 1 % at most; the statement has two digits."""
    cell = simulate(population, looks, declared, distance)
    assert cell.supported == pytest.approx(power, abs=0.01) if power < 0.99 else cell.supported > power
    assert cell.refuted == 0


def test_equal_values_are_always_told_right():
    cell = simulate(EQUAL, ALL)
    assert (cell.supported, cell.refuted, cell.wrong, cell.mixed) == (0.5, 0.5, 0.0, 0.0)


def test_the_check_can_fail():
    """A rule that lets one more be otherwise, and Welch's interval of the mean where one seed in ten goes wrong."""
    from scipy import stats

    from study.verdicts.counting import allowed, side

    def lax(numbers, level):
        reach, n = (numbers >= 0).sum((1, 2)), numbers[0].size
        return side(reach, n - reach, n, allowed(n, level) + 1)

    def by_mean(numbers, level):
        error = np.sqrt((numbers.var(-1, ddof=1) / numbers.shape[-1]).sum(-1)) / 3
        reach = stats.t.isf(level, 3 * (numbers.shape[-1] - 1)) * error
        mean = numbers.mean((1, 2))
        return np.where(mean - reach >= 0, 1, np.where(mean + reach < 0, -1, 0))

    assert simulate("normal", ALL[:1], judge=lax).wrong > BUDGET + TOLERANCE
    # Half of the seeds reach the threshold; their mean is far below it.
    assert simulate(WRONG, ALL[:1], judge=by_mean).wrong > 5 * BUDGET


def test_simulations_repeat_and_the_worst_is_named():
    found = calibrate(studies=50)
    assert found == calibrate(studies=50)
    assert (found.populations, found.studies, found.contexts) == (7, 50, 3)
    assert found.worst == max(cell.wrong for cell in found.cells if cell.declared == 1)
    assert {cell.looks for cell in found.cells} == {ALL[:1], ALL[:2], ALL}


def test_what_cannot_be_simulated_is_refused():
    with pytest.raises(InvalidValue, match=r"^population: expected one of 'normal'"):
        simulate("cauchy", (8,))
    with pytest.raises(InvalidValue, match=r"^studies: expected"):
        simulate("normal", (8,), studies=0)
