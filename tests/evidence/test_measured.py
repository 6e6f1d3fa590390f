"""What a row's measures are: by the estimand that it registered, and by its parameters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from study.evidence.fingerprint import Registration
from study.evidence.measured import measured
from study.measures.registry import names, spec


@pytest.fixture
def recorded_row(make_row):
    """A row with a registration."""
    return make_row(registration=Registration(kind="most", threshold="1.0", declared=1, contexts=(), asked={}))


def test_measures_of_estimand_and_parameters_are_explained(recorded_row) -> None:
    asked = {"a": "where(coverage_ratio(of a), rate(of a) >= 1.0)", "b": "coverage_ratio(of b)"}
    row = replace(recorded_row, registration=replace(recorded_row.registration, asked=asked), parameters={})
    assert measured(row) == {name: spec(name).summary for name in ("coverage_ratio", "rate")}
    assert list(measured(replace(row, parameters={"measure": "elbo"}))) == ["elbo", "coverage_ratio", "rate"]
    assert not measured(replace(row, registration=None))


def test_what_is_no_measure_here_is_not_explained(recorded_row) -> None:
    unknown = replace(recorded_row.registration, asked={"a": "rates(of a), somebody_elses(of a)"})
    assert not measured(replace(recorded_row, registration=unknown, parameters={"axis": "width"}))
    assert "rates" not in names()
