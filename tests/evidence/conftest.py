"""A planted row for the tests of the evidence."""

from __future__ import annotations

import pytest

from study.evidence.records import VerdictRow
from study.verdicts.judgement import InContext

CONTEXTS = (
    InContext(context="b", replicas=8, reach=8, short=0, median=1.5, verdict="SUPPORTED", applicable=True),
    InContext(context="a", replicas=0, reach=0, short=0, median=None, verdict="", applicable=False),
)
ROW = VerdictRow(
    claim="kl_pull",
    parameters={"axis": "kl_weight", "measure": "total"},
    data="digits",
    scale="quick",
    backend="jax",
    device="cpu",
    kind="most",
    threshold=1.0,
    unit="nats",
    declared=2,
    looks=(8,),
    alpha=0.05,
    predicted="SUPPORTED",
    verdict="SUPPORTED",
    reason="",
    reach=8,
    short=0,
    count=8,
    allowed=0,
    share_low=0.625,
    share_high=1.0,
    holds_in=1,
    median=1.25,
    low=1.0,
    high=1.5,
    level=0.9921875,
    contexts=CONTEXTS,
)


@pytest.fixture(scope="session")
def make_row():
    """A factory of verdict rows; what is not said is planted."""

    def make(**changes):
        return VerdictRow(**vars(ROW) | changes)

    return make
