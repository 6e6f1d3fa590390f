"""Arguments of every kind at every public entry: a right answer, or one clear error."""

from __future__ import annotations

import math

import numpy as np
import pytest
from faults import hostile
from faults.inputs import MEMORY, Refused, Unclear, answered, bounded, cases, check_finite, check_printable
from faults.outcomes import Silent
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from study import LISTED, Claim, Context, Estimand, Scope, VAEConfig, judge, measure, rank_correlation
from study.errors import InvalidValue, StudyError
from study.measures.registry import Measure, names, spec
from study.verdicts.kinds import Verdict

sizes = st.integers(1, 64)
CONFIG = {
    "data": st.sampled_from(["digits", "mnist"]),
    "images": st.none() | st.integers(20, 100),
    "pixels": st.sampled_from(["grey", "binarised", "redrawn"]),
    **dict.fromkeys(("latent_dim", "encoder_width", "decoder_width", "batch_size", "epochs"), sizes),
    **dict.fromkeys(("encoder_depth", "decoder_depth", "kl_warmup_epochs"), st.integers(0, 3)),
    "activation": st.sampled_from(["relu", "tanh"]),
    "kl_weight": st.floats(0, 10) | st.lists(st.floats(0, 10), max_size=8),
    "likelihood": st.sampled_from(["bernoulli", "gaussian"]),
    **dict.fromkeys(("gaussian_scale", "learning_rate"), st.floats(1e-6, 1)),
    "network": st.just("dense"),
    "prior": st.sampled_from(["normal", "uniform"]),
    "decoder_trained_with": st.none() | sizes,
}


@pytest.mark.fault("any values in a config", full=30, sample=1)
@cases
@given(fields=hostile.some(CONFIG))
@example(fields={"latent_dim": 10**5_000})  # no error could write it
@example(fields={"latent_dim": 10**9})
@example(fields={"encoder_width": 10**6, "decoder_width": 10**6, "encoder_depth": 2})  # 16 TB
@example(fields={"encoder_depth": 10**9, "encoder_width": 1})  # for ever
@example(fields={"learning_rate": 10**400})  # no float
@example(fields={"kl_weight": "0.5"})
@example(fields={"kl_weight": b"12"})  # were the weights 49 and 50
@example(fields={"data": []})
def test_a_config(fields):
    found = answered(VAEConfig, **fields)
    if not isinstance(found, Refused):
        check_finite(vars(found))
        assert VAEConfig.from_dict(found.as_dict()) == found
        assert found.parameter_count > 0
        assert hash(found) == hash(found.replace())


@pytest.mark.fault("any dictionary as a config", full=10, sample=1)
@cases
@given(fields=st.dictionaries(st.sampled_from(list(CONFIG)) | hostile.texts, hostile.jsons, max_size=4))
def test_a_config_of_a_file(fields):
    answered(VAEConfig.from_dict, fields)


@pytest.mark.fault("any choices of a context", full=20, sample=1)
@cases
@given(choices=hostile.some({"width": sizes, **CONFIG}), other=hostile.anything)
@example(choices={}, other=[])
@example(choices={}, other=["a", []])
@example(choices={}, other="ab")
def test_a_context(choices, other):
    found = answered(Context.of, **choices)
    if isinstance(found, Refused):
        return
    assert str(found).isprintable()
    for call in (found.along, lambda axis: found.along("kl_weight", axis), lambda name: found.config("digits", name)):
        answered(call, other)


@pytest.mark.fault("any text as a context", full=10, sample=1)
@cases
@given(text=hostile.texts | st.from_regex(r"(\w+=[\w.]+, )*\w+=[\w.()]+", fullmatch=True))
def test_the_text_of_a_context(text):
    found = answered(Context.read, text)
    assert isinstance(found, Refused) or str(found) == text


ESTIMAND = {
    "threshold": st.floats(-10, 10),
    "unit": st.just("nats"),
    "predicted": st.sampled_from(["", *Verdict]),
    "basis": st.sampled_from(["", "pilot", "theory"]),
    "dated": st.sampled_from(["", "2026-12-01"]),
    "zero": st.none() | st.floats(-10, 10),
    "kind": st.sampled_from(["most", "every", "exact"]),
}


@pytest.mark.fault("any values in an estimand", full=15, sample=1)
@cases
@given(fields=hostile.fields_of(Estimand, ESTIMAND))
@example(fields={"threshold": 10**400, "unit": "nats"})
@example(fields={"threshold": 0.0, "unit": "nats", "zero": object()})
@example(fields={"threshold": 0.0, "unit": None, "predicted": None})  # were taken in silence
def test_an_estimand(fields):
    found = answered(Estimand, **fields)
    if not isinstance(found, Refused):
        check_finite(found)


SCOPE = {
    "parameters": st.just({"weight": ("1",)}),
    "design": st.just(LISTED[:1]),
    "search": st.booleans(),
}
CLAIM = {
    **dict.fromkeys(("statement", "source", "chapter", "question", "quotation"), hostile.texts),
    "id": st.just("planted"),
    "words": st.just({"1": "one"}),
    "means": st.just({"1": {"SUPPORTED": "it holds"}}),
    "parameters": st.just({"weight": ("0.5", "1")}),
    "estimand": st.just(lambda weight: Estimand(0.0, "nats")),
    "design": st.just(LISTED),
    "search": st.none() | st.just(Estimand(0.0, "nats")),
    "scopes": st.just({}) | st.builds(lambda scope: {"mnist": scope}, st.builds(Scope, **SCOPE)),
    "registered": st.sampled_from(["", "2026-12-01"]),
    "seed_root": st.sampled_from(["", "own"]),
    "subjects": st.just(()),
    "data": st.just(""),
}


OWN = {
    "id": "planted", "statement": "", "source": "", "chapter": "", "parameters": {"weight": ("0.5", "1")},
    "estimand": lambda weight: Estimand(0.0, "nats"),
}  # fmt: skip


@pytest.mark.fault("any values in a claim", full=25, sample=1)
@cases
@given(fields=hostile.fields_of(Claim, CLAIM))
@example(fields={**OWN, "parameters": {"weight": "12"}})  # were two rows, "1" and "2"
@example(fields={**OWN, "words": [[]]})
@example(fields={**OWN, "estimand": lambda: Estimand(0.0, "nats")})
@example(fields={**OWN, "estimand": lambda weight: None})
@example(fields={**OWN, "subjects": [b""]})
def test_a_claim(fields):
    found = answered(Claim, **fields)
    if isinstance(found, Refused):
        return
    for data in ("digits", "mnist"):
        scope = found.on(data)
        assert all(scope.has(row) for row in scope.rows)
        assert scope.places
    answered(found.declared, "digits")
    found.contexts().validate()


@pytest.mark.fault("any values in a scope", full=10, sample=1)
@cases
@given(fields=hostile.fields_of(Scope, SCOPE))
@example(fields={"parameters": None, "design": LISTED})
@example(fields={"parameters": {"weight": ("1",)}, "design": (None,)})
@example(fields={"parameters": {"weight": ("1",)}, "design": LISTED, "search": ()})
def test_a_scope(fields):
    answered(lambda: Claim(**{"scopes": {"mnist": Scope(**fields)}, **OWN}))


@pytest.mark.fault("any measure with any arguments", full=20, sample=1)
@cases
@given(data=st.data(), name=st.sampled_from(names()) | hostile.anything)
def test_a_measure(data, name):
    known = [one.name for one in spec(name).parameters] if isinstance(name, str) and name in names() else []
    keys = st.sampled_from(known) | hostile.texts if known else hostile.texts
    values = st.sampled_from(["prior", "gaussian"]) | st.integers(1, 9) | st.floats(0, 1) | hostile.anything
    arguments = data.draw(st.dictionaries(keys.filter(lambda key: key not in ("cls", "name")), values, max_size=2))
    found = answered(lambda: Measure.of(name, **arguments))
    if not isinstance(found, Refused):
        assert str(found).isprintable()
        check_finite(found)
        hash(found)


arrays = npst.arrays(
    st.sampled_from([np.float64, np.float32, np.int64, np.bool_, np.complex128, np.dtype("U3"), np.dtype(object)]),
    npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=6),
)
numbers = st.lists(st.floats(-10, 10), min_size=1, max_size=40)
values = (
    numbers
    | numbers.map(np.array)
    | st.lists(st.lists(st.floats(-10, 10), min_size=8, max_size=8), min_size=1, max_size=4)
    | st.dictionaries(hostile.texts, st.lists(hostile.floats, min_size=8, max_size=8), max_size=3)
    | st.lists(hostile.floats, max_size=20)
    | arrays
    | hostile.anything
)


@pytest.mark.fault("any numbers to judge", full=40, sample=1)
@cases
@given(
    values=values,
    threshold=st.floats(-5, 5) | hostile.anything,
    rest=hostile.some({"zero": st.none() | st.floats(-5, 5), "alpha": st.floats(0.001, 0.1)}),
)
@example(values={1: [0.0] * 8, "1": [1.0] * 8}, threshold=0.5, rest={})  # one of them was left out in silence
@example(values=[1j] * 8, threshold=0.5, rest={})
@example(values={"": [math.nan] * 8}, threshold=0.5, rest={})
@example(values={"x" * 100_000: [math.nan] * 8}, threshold=0.5, rest={})
@example(values=[1.0] * 8, threshold=10**400, rest={})
@example(values=[[1.0], [[1.0], 2.0]], threshold=0.0, rest={})
@example(values=[1.0, -1.0] * 4, threshold=0.0, rest={"alpha": 5e-324})  # an end of the share was NaN
@example(values={"\x1b[31m": [1.0] * 8, "b": [0.0] * 8}, threshold=0.5, rest={})
@example(values=[0.0] * 8, threshold=1.7e308, rest={"zero": -1.7e308})
def test_numbers(values, threshold, rest):
    found = answered(judge, values, threshold, **rest)
    if not isinstance(found, Refused):
        check_finite(found)
        assert found.reach + found.short <= found.count
        check_printable(str(found))


posteriors = npst.arrays(
    st.sampled_from([np.float64, np.float32]),
    st.sampled_from([(12, 2), (2, 12, 2), (1, 10, 1)]),
    elements=st.floats(-4, 1, width=32),
)


@pytest.mark.fault("any arrays to measure", full=6, sample=1)
@cases
@given(
    pair=posteriors.flatmap(lambda a: st.tuples(st.just(a), st.just(np.roll(a, 1)) | arrays | hostile.anything))
    | st.tuples(arrays | hostile.anything, arrays | hostile.anything),
    heldout=st.none() | st.tuples(posteriors, posteriors) | hostile.anything,
)
@example(pair=([None, []], [None, []]), heldout=None)
@example(pair=(np.zeros((12, 2)), -np.ones((12, 2))), heldout=3)
def test_posteriors(pair, heldout):
    found = answered(measure, *pair, heldout=heldout)
    if not isinstance(found, Refused):
        check_finite({name: (one.low, one.high) for name, one in found.items()})


@pytest.mark.fault("any lists to correlate", full=10, sample=1)
@cases
@given(lists=st.tuples(hostile.anything, hostile.anything, hostile.anything))
@example(lists=(None, None, None))
@example(lists=([1, 2, 3], [1, 2, 3], None))
def test_lists(lists):
    answered(rank_correlation, *lists)


def test_a_silent_nan_is_found():
    """The plant: an entry that lets a NaN through."""
    with pytest.raises(Silent, match="NaN"):
        check_finite(answered(lambda value: {"median": value}, math.nan))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"latent_dim": 10**9}, r"^latent_dim: expected an integer ≤ 1,000,000, received 1000000000"),
        ({"encoder_depth": 10**9}, r"^encoder_depth: expected an integer ≤ 1,000, "),
        (
            {"encoder_width": 10**6, "decoder_width": 10**6, "decoder_depth": 2},
            r"at most 16 GiB, .* parameters: .* GiB",
        ),
    ],
)
def test_a_size_that_cannot_fit_is_refused_before_it_is_allocated(fields, said):
    with bounded(), pytest.raises(InvalidValue, match=said):
        VAEConfig(**fields)


def test_the_bounds_of_a_case_hold():
    """The plants: a case that takes too much memory, and one that hangs."""
    with pytest.raises(MemoryError), bounded():
        np.ones(MEMORY)
    with pytest.raises(Silent, match="no answer within"), bounded(seconds=1):
        _hang()


def test_an_error_from_the_depths_is_found():
    """The plants: an entry that does not look at what it is given, and errors that say nothing."""
    with pytest.raises(TypeError):
        answered(lambda value: value + 1, "1")
    for error in (InvalidValue("", 1, "2"), StudyError("no")):
        with pytest.raises(Unclear):
            answered(_raise, error)


def _hang():
    while True:
        pass


def _raise(error):
    raise error
