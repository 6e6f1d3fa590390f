"""Scale standard, end to end: both its data sets, with tiny VAEs; where MNIST is at hand."""

from __future__ import annotations

import os

import pytest

from study.testing import Example

CLAIM = """
from hypothesis import given

from study import Claim, Context, Estimand, Lab

CLAIM = Claim(
    id="standard", statement="", source="", chapter="", parameters={}, estimand=lambda: Estimand(-1.0, "nats"),
    design=[Context.of(latent_dim=1, width=4, epochs=2)],
)


@given(context=CLAIM.contexts())
def test_standard(lab: Lab, context: Context) -> None:
    lab.observe(CLAIM, lab.run(context).value("rate"))
"""


@pytest.mark.framework
@pytest.mark.skipif(not os.environ.get("STUDY_DATA"), reason="MNIST is looked for in STUDY_DATA, which is not set")
def test_a_claim_is_judged_on_every_data_set_of_the_scale(tmp_path):
    ran = Example({"claims/test_standard.py": CLAIM}, tmp_path).run("--study-scale", "standard")
    assert ran.status == 0, ran.output
    assert ran.verdicts == {"digits": "SUPPORTED", "mnist": "SUPPORTED"}
    assert list(tmp_path.glob("results/local/standard/*/standard.json"))
