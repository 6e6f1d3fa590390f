"""Every refusal is a StudyError, names argument, value and expectation, and travels between processes."""

from __future__ import annotations

import pickle

import pytest

from study.errors import DataUnavailable, EvidenceError, InvalidValue, StudyError, TrainingDiverged


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
