"""Lazy values: arithmetic on brackets holds every result, and a body cannot look."""

from __future__ import annotations

import operator
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.design.contexts import Context
from study.design.trends import bracketed_fall
from study.errors import InvalidValue
from study.lab.values import Constant, Fall, Measured, NoValueYet, Observed, Value, maximum, minimum
from study.measures.registry import Measure

HERE, THERE = (Context((("kl_weight", weight),)) for weight in (1.0, 2.0))
NAMES = ("rate", "elbo", "kl_percentile")
LEAVES = [Measured(HERE, Measure(name), HERE) for name in NAMES]
RATE, ELBO, _ = LEAVES
REFUSED = r"^rate\(…\) has no value yet: observe it, or use \.where\(rate, at_least=2\)$"
OPERATORS = (operator.add, operator.sub, operator.mul, operator.truediv, minimum, maximum)
SCALARS = {minimum: min, maximum: max}


class Numbers:
    """What the leaves are, and the same arithmetic on a point within each bracket."""

    def __init__(self, data):
        ends = [data.draw(st.tuples(*[st.floats(0.25, 9)] * 2)) for _ in NAMES]
        self.ends = {name: (min(pair), max(pair)) for name, pair in zip(NAMES, ends, strict=True)}
        self.points = {name: data.draw(st.floats(*pair)) for name, pair in self.ends.items()}

    def read(self, trial, measure):
        low, high = (np.array([end]) for end in self.ends[measure.name])
        return Observed(np.arange(1), low, high, np.array([True]), np.array([True]))


@st.composite
def expressions(draw, depth=3):
    """An expression as a pair: the lazy value, and a function of the points that gives what it must be."""
    if depth == 0 or draw(st.booleans()):
        leaf = draw(st.sampled_from(LEAVES))
        return leaf, lambda points: points[leaf.measure.name]
    (a, f), (b, g) = draw(expressions(depth=depth - 1)), draw(expressions(depth=depth - 1))
    number = draw(st.none() | st.floats(0.25, 9))
    if number is not None:
        b, g = number, lambda points: number
    if draw(st.booleans()):
        a, b, f, g = b, a, g, f
    operation = draw(st.sampled_from(OPERATORS))
    scalar = SCALARS.get(operation, operation)
    return operation(a, b), lambda points: scalar(f(points), g(points))


@given(expressions(), st.data())
def test_the_bracket_of_a_result_holds_every_result_of_points(expression, data):
    value, exact = expression
    numbers = Numbers(data)
    try:
        found = value.evaluate(numbers.read)
    except InvalidValue as error:
        if error.argument != "divisor":
            raise
        return
    point = exact(numbers.points)
    slack = 1e-9 * (1 + abs(found.low[0]) + abs(found.high[0]))
    assert found.low[0] - slack <= point <= found.high[0] + slack


@given(st.sampled_from(OPERATORS), st.data())
def test_the_bracket_of_one_operation_is_reached_at_corners(operation, data):
    numbers = Numbers(data)
    found = operation(RATE, ELBO).evaluate(numbers.read)
    scalar = SCALARS.get(operation, operation)
    corners = [scalar(a, b) for a in numbers.ends["rate"] for b in numbers.ends["elbo"]]
    assert (found.low[0], found.high[0]) == pytest.approx((min(corners), max(corners)))


def test_a_divisor_that_may_be_zero_is_refused():
    def read(trial, measure):
        ends = np.array([-1.0, 2.0]), np.array([1.0, 3.0])
        return Observed(np.arange(2), *ends, *np.ones((2, 2), bool))

    with pytest.raises(InvalidValue, match=r"^divisor: expected a value whose bracket does not hold 0"):
        (1 / RATE).evaluate(read)


@pytest.mark.parametrize("number", [2, 2.0, np.float64(2), np.float32(2), np.int64(2)])
@pytest.mark.parametrize("operation", OPERATORS)
def test_a_number_on_either_side_stays_lazy(operation, number):
    for value in (operation(number, RATE), operation(RATE, number)):
        assert isinstance(value, Value)
        assert list(value.leaves()) == [(HERE, Measure("rate"))]
        assert value.context == HERE
    assert str(number - RATE) == f"subtract(2.0, {RATE!s})"


def test_a_negated_value_changes_its_ends():
    found = (-RATE).evaluate(lambda t, m: Observed(np.arange(1), *np.array([[1.0], [3.0]]), *np.ones((2, 1), bool)))
    assert (found.low, found.high) == (-3, -1)


LOOKING = {
    "bool": bool, "not": operator.not_, "float": float, "int": int, "complex": complex, "iter": iter, "list": list,
    "len": len, "round": round, "abs": abs, "format": format, "f-string": lambda v: f"{v:.2f}",
    "min": lambda v: min(v, 1),
    "==": lambda v: v == 1, "!=": lambda v: v != 1, "<": lambda v: v < 1, "<=": lambda v: v <= 1, ">": lambda v: v > 1,
    ">=": lambda v: v >= RATE, "numpy ==": lambda v: np.float64(1) == v,
    "in": lambda v: 1 in v, "in a list": lambda v: v in [1], "[]": lambda v: v[0], "asarray": np.asarray,
    "array": lambda v: np.array([v]), "copied array": lambda v: np.array(v, copy=True), "mean": np.mean,
    "range": range, "if": lambda v: 1 if v else 2, "and": lambda v: v and 1, "unpacking": lambda v: [*v],
}  # fmt: skip


@pytest.mark.parametrize("look", LOOKING.values(), ids=LOOKING)
def test_looking_is_refused(look):
    with pytest.raises(NoValueYet, match=REFUSED):
        look(RATE)


@pytest.mark.parametrize("value", [RATE - 1, minimum(RATE, ELBO), RATE.where(ELBO, at_least=1), Constant(1.0)])
def test_whatever_the_expression_a_body_cannot_look(value):
    with pytest.raises(NoValueYet, match="has no value yet: observe it"):
        bool(value)


def test_a_value_can_be_named_hashed_and_kept():
    assert str(RATE) == "rate(of kl_weight=1.0)"
    assert f"{RATE!s}" == str(RATE)
    assert len({RATE, ELBO, RATE}) == 2


OTHER = Measured(THERE, Measure("rate"), THERE)


@pytest.mark.parametrize(
    "combine", [*OPERATORS, lambda a, b: a.where(b, at_least=1), lambda a, b: minimum(1, a - 1, 2 * b)]
)
def test_values_of_two_contexts_are_refused(combine):
    with pytest.raises(InvalidValue, match=r"expected values of one context, received \['kl_weight=1.0', 'kl_wei"):
        combine(RATE, OTHER)


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda: RATE - "1", "^subtract: expected a number, or a value of the lab, received '1'"),
        (lambda: RATE * True, "^multiply: expected a number"),
        (lambda: np.ones(2) * RATE, "^multiply: expected a number"),
        (lambda: minimum(1, 2), "^values: expected at least one value of the lab"),
        (lambda: maximum(1, 2), "^values: expected at least one value of the lab"),
        (lambda: RATE.where(3, at_least=1), "^where: expected a value of the lab, e.g."),
        (lambda: RATE.where(ELBO, at_least="2"), "^at_least: expected a number"),
    ],
)
def test_what_is_no_value_is_refused(use, message):
    with pytest.raises(InvalidValue, match=message):
        use()


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(0, 3), st.booleans()), min_size=1), st.floats(-9, 9))
def test_a_condition_is_of_the_context_by_the_median_of_what_is_finite(ends, bound):
    """Of all replicas or of none; the middle of a bracket counts, and no replica that diverged."""
    low, width, finite = (np.array(column) for column in zip(*ends, strict=True))
    ones = np.ones(len(low), bool)

    def read(trial, measure):
        return Observed(np.arange(len(low)), low, low + width, finite if measure.name == "elbo" else ones, ones)

    middles = sorted((low + width / 2)[finite])
    median = statistics.median(middles) if middles else bound
    for name, meets in (("at_least", median >= bound), ("at_most", median <= bound)):
        kept = RATE.where(ELBO, **{name: bound})
        if middles and abs(median - bound) < 1e-9:
            continue
        assert kept.evaluate(read).applicable.tolist() == [meets] * len(low)
        assert kept.evaluate(read).finite.all()  # a condition restricts the context, not its replicas
        # Whatever is made of it is as restricted.
        for value in (1 - kept, minimum(RATE, kept), kept.where(RATE, at_least=-99)):
            assert value.evaluate(read).applicable.tolist() == [meets] * len(low)


def test_a_condition_without_a_middle_does_not_hold():
    def read(trial, measure):
        return Observed(np.arange(2), np.full(2, -np.inf), np.full(2, np.inf), *np.ones((2, 2), bool))

    assert not RATE.where(ELBO, at_least=0).evaluate(read).applicable.any()
    assert not RATE.where(ELBO, at_most=0).evaluate(read).applicable.any()
    assert str(RATE.where(ELBO, at_most=0)) == f"where({RATE!s}, {ELBO!s} <= 0.0)"


@pytest.mark.parametrize("bounds", [{}, {"at_least": 1, "at_most": 2}])
def test_a_condition_has_one_bound(bounds):
    with pytest.raises(InvalidValue, match=r"^where: expected one bound, at_least or at_most"):
        RATE.where(ELBO, **bounds)


def test_infinite_ends_are_carried_and_what_is_no_number_is_refused_by_name():
    def read(trial, measure):
        low = np.array([-np.inf, 1.0])
        return Observed(np.arange(2), low, np.ones(2), np.array([finite, True]), np.ones(2, bool))

    finite = True
    assert (RATE + ELBO).evaluate(read).low.tolist() == [-np.inf, 2]
    assert maximum(RATE, 0.5).evaluate(read).low.tolist() == [0.5, 1]
    with pytest.raises(
        InvalidValue, match=r"^multiply\(0.0, rate\(of .*\)\): expected numbers, received 'NaN in replica 0'"
    ):
        (0 * RATE).evaluate(read)
    finite = False
    assert (0 * RATE).evaluate(read).finite.tolist() == [False, True]


def test_what_diverged_spoils_what_is_made_of_it():
    def read(trial, measure):
        finite = np.arange(3) != NAMES.index(measure.name)
        return Observed(np.arange(3), np.ones(3), np.ones(3), finite, np.ones(3, bool))

    assert (RATE + ELBO).evaluate(read).finite.tolist() == [False, False, True]
    assert (2 * RATE).evaluate(read).finite.tolist() == [False, True, True]


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=3, max_size=3), st.data())
def test_the_bracket_of_a_fall_holds_the_fall_of_points(pairs, data):
    levels = (1.0, 2.0, 8.0)
    trials = [Context((("latent_dim", int(one)),)) for one in levels]
    ends = dict(zip(trials, map(sorted, pairs), strict=True))
    points = [data.draw(st.floats(*pair)) for pair in ends.values()]

    def read(trial, measure):
        low, high = (np.array([end]) for end in ends[trial])
        return Observed(np.arange(1), low, high, np.array([True]), np.array([True]))

    fall = Fall(tuple(Measured(trial, Measure("rate"), HERE) for trial in trials), levels, True, HERE)
    exact = np.array(points)[:, None]
    found, point = fall.evaluate(read), bracketed_fall(levels, exact, exact)[0][0]
    assert found.low[0] - 1e-9 <= point <= found.high[0] + 1e-9
    assert str(fall).startswith("fall(per doubling of (1.0, 2.0, 8.0): rate(of latent_dim=1), ")
    assert [trial for trial, _ in fall.leaves()] == trials


def test_a_condition_that_does_not_apply_restricts_the_value():
    none = np.zeros(2, bool)
    numbers = {
        "rate": Observed(np.arange(2), np.ones(2), np.ones(2), ~none, ~none),
        "elbo": Observed(np.arange(2), np.ones(2), np.ones(2), ~none, none),
    }
    found = RATE.where(ELBO, at_least=0).evaluate(lambda trial, measure: numbers[measure.name])
    assert found.applicable.tolist() == [False, False]
