"""A planted row for the tests of the evidence."""

from __future__ import annotations

import pytest

from study.evidence.records import VerdictRow

ROW = VerdictRow(
    claim="kl_pull",
    parameters={"axis": "kl_weight", "measure": "total"},
    data="digits",
    scale="quick",
    backend="jax",
    device="cpu",
    kind="mean",
    threshold=1.0,
    unit="nats",
    declared=2,
    looks=(8,),
    alpha=0.05,
    predicted="SUPPORTED",
    verdict="SUPPORTED",
    reason="",
    estimate=1.25,
    low=1.0,
    high=1.5,
    level=0.95,
    p_supported=0.0125,
    p_refuted=0.9875,
    contexts=2,
    replicas=8,
    spread={"b": 1.5, "a": None},
)


@pytest.fixture(scope="session")
def make_row():
    """A factory of verdict rows; what is not said is planted."""

    def make(**changes):
        return VerdictRow(**vars(ROW) | changes)

    return make
