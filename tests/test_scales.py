"""Scale standard, end to end: both its data sets, each with its rows, on tiny VAEs; where MNIST is at hand."""

from __future__ import annotations

import os

import pytest

from study.evidence.figure_data import LatentPlane
from study.evidence.judging import judge_again
from study.evidence.store import Store
from study.testing import Example

CLAIM = """
import pytest
from hypothesis import given

from study import Claim, Context, Estimand, Lab, Scope

DESIGN = [Context.of(latent_dim=dim, width=4, epochs=2) for dim in (1, 2)]
CLAIM = Claim(
    id="standard", statement="", source="", chapter="", parameters={"row": ("rate", "kl")},
    estimand=lambda row: Estimand(-1.0, "nats"), design=DESIGN, search=Estimand(-1.0, "nats"),
    scopes={"mnist": Scope(parameters={"row": ("rate",)}, design=DESIGN[:1])},
)


@pytest.mark.parametrize("row", ("rate", "kl"))
@given(context=CLAIM.contexts())
def test_standard(lab: Lab, row: str, context: Context) -> None:
    vae = lab.run(context)
    lab.observe(CLAIM, vae.value("rate" if row == "rate" else "kl_percentile"))
    if context == DESIGN[1]:
        lab.show("latent_plane", vae)


@pytest.mark.study_search
@given(context=CLAIM.contexts())
def test_every(lab: Lab, context: Context) -> None:
    lab.examine(CLAIM, lab.run(context).value("rate"))
"""


@pytest.mark.framework
@pytest.mark.skipif(not os.environ.get("STUDY_DATA"), reason="MNIST is looked for in STUDY_DATA, which is not set")
def test_a_claim_is_judged_on_every_data_set_of_the_scale(tmp_path):
    ran = Example({"claims/test_standard.py": CLAIM}, tmp_path).run("--study-scale", "standard")
    assert ran.status == 0, ran.output
    found = ran.verdicts
    assert found.pop("every VAE-digits") == "INCONCLUSIVE"  # a search that finds nothing proves nothing
    assert sorted(found) == ["kl-digits", "rate-digits", "rate-mnist"]
    assert set(found.values()) == {"SUPPORTED"}
    rows = {(row.data, *row.parameters.values()): row for row in ran.rows}
    assert [one.context for one in rows["mnist", "rate"].contexts] == ["epochs=2, latent_dim=1, width=4"]
    assert len(rows["digits", "rate"].contexts) == 2
    assert (rows["mnist", "rate"].declared, rows["digits", "rate"].declared) == (1, 2)
    results = Store(tmp_path / "results" / "local")
    shown = [one for planes in results.figure_data(LatentPlane).values() for one in planes]
    assert {one.data for one in shown} == {"digits"}
    assert judge_again(results) == []  # each row by the contexts of its own data set
