"""What is committed in results/: every verdict follows from its observations, and the page from the rows."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from study.evidence.judging import judge_again
from study.evidence.store import Store
from study.report import page

RESULTS = Path(__file__).parents[1] / "results"
EVIDENCE = list(Store(RESULTS).evidence())
ROWS = [row for evidence in EVIDENCE for row in evidence.rows]


@pytest.fixture(autouse=True, scope="module")
def committed():
    """A run of the reader's own, not yet reported or with other looks, is not what is tested: a clean clone is."""
    changed = subprocess.run(["git", "status", "--porcelain", "--", str(RESULTS)], capture_output=True, cwd=RESULTS)
    if changed.returncode == 0 and changed.stdout:
        pytest.skip("results/ holds a run that is not committed")


@pytest.fixture(scope="module")
def differing():
    """Differing fields, by scale, backend and row."""
    found = {}
    for one in judge_again(Store(RESULTS)):
        key = (one.row.scale, one.row.backend, one.row.identity)
        found.setdefault(key, {})[one.field] = (one.recorded, one.again)
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.scale}-{row.backend}-{'-'.join(row.parameters.values())}")
def test_a_verdict_follows_from_its_observations(row, differing):
    assert differing.get((row.scale, row.backend, row.identity), {}) == {}


def test_evidence_is_recorded_on_three_backends():
    assert {row.backend for row in ROWS} == {"jax", "tensorflow", "torch"}


@pytest.mark.parametrize("evidence", EVIDENCE, ids=lambda evidence: f"{evidence.backend}-{evidence.claim}")
def test_the_recorded_words_are_those_of_the_claim(evidence, claim_module):
    claim = claim_module(evidence.claim).CLAIM
    for name in ("statement", "source", "chapter", "question", "kind", "words"):
        assert getattr(evidence, name) == getattr(claim, name)
    assert evidence.design == tuple(map(str, claim.design))
    for name, values in claim.parameters.items():
        assert not [f"{name}={value}" for value in values if value not in evidence.words]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.scale}-{row.backend}-{'-'.join(row.parameters.values())}")
def test_a_row_is_judged_by_the_terms_of_its_claim(row, claim_module):
    claim = claim_module(row.claim).CLAIM
    estimand = claim.search if row.kind == "search" else claim.estimand(**row.parameters)
    expected = (estimand.threshold, estimand.unit, estimand.prediction(row.seed_root), estimand.overturned)
    assert (row.threshold, row.unit, row.predicted, row.overturned) == expected
    assert (row.declared, row.kind) == (claim.declared, "search" if row.kind == "search" else claim.kind)


def test_the_page_is_that_of_the_evidence(tmp_path):
    copy = shutil.copytree(RESULTS, tmp_path / "results")
    page.write(copy)
    assert (copy / "README.md").read_text() == (RESULTS / "README.md").read_text()
