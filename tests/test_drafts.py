"""Drafts have seeds of their own: what is registered after a look at one meets fresh seeds."""

from __future__ import annotations

import pytest

from study.evidence.admission import DRAFTS
from study.evidence.store import Store
from study.seeds import ROOT
from study.testing import Example

FILE = "claims/test_rate.py"
CLAIM = '''
"""Claim: the rate of a tiny VAE is positive."""

from hypothesis import given

from study import Claim, Context, Estimand

CLAIM = Claim(
    id="rate", statement="", source="", chapter="", parameters={}, REGISTERED
    estimand=lambda: Estimand(0.0, "nats"), design=[Context.of(width=4, epochs=1)],
)


@given(context=CLAIM.contexts())
def test_rate(lab, context):
    lab.observe(CLAIM, lab.run(context.at(latent_dim=2)).value("rate"))
'''


def rows(example: Example) -> list:
    return Store(example.home / "results" / "local").rows()


@pytest.mark.framework
def test_what_is_registered_after_a_look_at_a_draft_meets_fresh_seeds(tmp_path):
    """The draft's rows are overwritten then; and by a draft again, while the claim is not recorded."""
    example = Example({FILE: CLAIM.replace("REGISTERED", "")}, tmp_path)
    seen, values = [], []
    for date in ("", 'registered="2026-11-30",', ""):
        (example.home / FILE).write_text(CLAIM.replace("REGISTERED", date), encoding="utf-8")
        ran = example.run()
        assert ran.outcomes["passed"] == 1, ran.output
        (row,) = rows(example)
        seen.append(row.seed_root)
        values.append({one.low for one in Store(example.home / "results" / "local").observations()})
    assert seen == [DRAFTS, ROOT, DRAFTS]
    assert values[0] == values[2]
    assert not values[0] & values[1]
