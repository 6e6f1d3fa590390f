"""What is committed in results/: every verdict follows from its observations, and the page from the rows."""

from __future__ import annotations

import shutil
import subprocess
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace

import pytest

from study.design.contexts import grid_contexts
from study.design.grids import SEARCH_GRID
from study.evidence.judging import Setting, judge, judge_search
from study.evidence.store import Store
from study.report import page

RESULTS = Path(__file__).parents[1] / "results"
ROWS = Store(RESULTS).rows()
FRESH = "fresh: "
JUDGED = ("verdict", "reason", "contexts", "replicas", "unconverged", "kind", "predicted", "threshold", "unit")
NUMBERS = ("estimate", "low", "high", "level", "p_supported", "p_refuted")


@pytest.fixture(autouse=True, scope="module")
def committed():
    """A run of the reader's own, not yet reported or with other looks, is not what is tested: a clean clone is."""
    changed = subprocess.run(["git", "status", "--porcelain", "--", str(RESULTS)], capture_output=True, cwd=RESULTS)
    if changed.returncode == 0 and changed.stdout:
        pytest.skip("results/ holds a run that is not committed")


@lru_cache
def observations(scale, backend, claim):
    return Store(RESULTS).observations(scale, backend, claim)


def rejudged(row, module):
    """The row that the recorded observations give, by the rule of today and the claim of today."""
    claim = module.CLAIM
    seen = [o for o in observations(row.scale, row.backend, row.claim) if o.identity[:3] == row.identity]
    fresh = [o for o in seen if o.context.startswith(FRESH)]
    plain = [o for o in seen if not o.context.startswith(FRESH)]
    known = {str(c): c for c in (grid_contexts(SEARCH_GRID) if row.kind == "search" else claim.design)}
    case = SimpleNamespace(
        claim=claim,
        parameters=dict(row.parameters),
        replicas=row.replicas,
        observations={o.identity: o for o in plain},
        contexts={o.context: known[o.context] for o in plain} if row.kind == "search" else known,
        fresh_for=frozenset(o.context.removeprefix(FRESH) for o in fresh),
        fresh={o.identity: type(o)(**vars(o) | {"context": o.context.removeprefix(FRESH)}) for o in fresh},
        decoder_failures={},
        beside={},
        examined={o.context: None for o in plain},
        tally=SimpleNamespace(devices={row.device}),
    )
    setting = Setting.of(row.scale, row.data, row.backend, root=row.seed_root)
    return (judge_search if row.kind == "search" else judge)(case, setting)[0]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.scale}-{row.backend}-{'-'.join(row.parameters.values())}")
def test_a_verdict_follows_from_its_observations(row, claim_module):
    again = rejudged(row, claim_module(row.claim))
    assert {name: getattr(again, name) for name in JUDGED} == {name: getattr(row, name) for name in JUDGED}
    for name in NUMBERS:  # nine digits are recorded
        assert getattr(again, name) == pytest.approx(getattr(row, name), rel=1e-6, abs=1e-9), name


def test_evidence_is_recorded_on_three_backends():
    assert {row.backend for row in ROWS} == {"jax", "tensorflow", "torch"}


def test_the_page_is_that_of_the_evidence(tmp_path):
    copy = shutil.copytree(RESULTS, tmp_path / "results")
    page.write(copy)
    assert (copy / "README.md").read_text() == (RESULTS / "README.md").read_text()
