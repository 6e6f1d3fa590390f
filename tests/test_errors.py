"""Every refusal is a StudyError, names argument, value and expectation, and travels between processes."""

from __future__ import annotations

import pickle

import pytest

from study.errors import DataUnavailable, EvidenceError, InvalidValue, StudyError, TrainingDiverged, printable


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (InvalidValue, ValueError),
        (DataUnavailable, OSError),
        (TrainingDiverged, ArithmeticError),
        (EvidenceError, ValueError),
    ],
)
def test_one_class_catches_all_and_each_is_the_builtin_it_resembles(error: type, builtin: type) -> None:
    assert issubclass(error, StudyError)
    assert issubclass(error, builtin)


def test_an_invalid_value_names_argument_value_and_expectation() -> None:
    error = InvalidValue("latent_dim", -1, "an integer ≥ 1")
    assert str(error) == "latent_dim: expected an integer ≥ 1, received -1."
    assert (error.argument, error.received, error.expected) == ("latent_dim", -1, "an integer ≥ 1")


@pytest.mark.parametrize("error", [InvalidValue("size", "x", "a number"), TrainingDiverged("at step 3")])
def test_errors_come_whole_out_of_a_worker(error: StudyError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


def test_no_terminal_obeys_an_error() -> None:
    assert str(EvidenceError("\x1b[31mred\u202e.json: damaged")) == r"\u001b[31mred\u202e.json: damaged"
    assert str(InvalidValue("\x07name", "\x9b", "no bell")) == r"\u0007name: expected no bell, received '\x9b'."
    assert printable("two\nlines, ä and\u00a0blanks") == "two\nlines, ä and\u00a0blanks"
    assert printable("\U000e0001") == r"\udb40\udc01"


@pytest.mark.parametrize("value", [10**5_000, "x" * 10**6], ids=["digits", "letters"])
def test_an_error_says_what_it_can_of_a_value_that_is_endless(value: object) -> None:
    said = str(InvalidValue("size", value, "a number"))
    assert said.startswith("size: expected a number, received ")
    assert len(said) < 1_200
