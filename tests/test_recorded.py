"""What is committed in results/: every verdict follows from its observations, and the page from the rows."""

from __future__ import annotations

import html
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from study.evidence import counterexample, history, serialise
from study.evidence.judging import judge_again
from study.evidence.store import Store
from study.report import page, text
from study.verdicts.kinds import Kind

RESULTS, CLAIMS, CONTROLS = (Path(__file__).parents[1] / name for name in ("results", "claims", "tests/controls"))


@pytest.fixture(autouse=True, scope="module")
def committed():
    """A run of the reader's own, not yet reported or with other looks, is not what is tested: a clean clone is."""
    changed = subprocess.run(["git", "status", "--porcelain", "--", str(RESULTS)], capture_output=True, cwd=RESULTS)
    if changed.returncode == 0 and changed.stdout:
        pytest.skip("results/ holds a run that is not committed")


@pytest.fixture(scope="module")
def evidence():
    """All that is recorded; nothing where no claim has been run by the present rule."""
    return list(Store(RESULTS).evidence())


def test_every_verdict_follows_from_its_observations():
    found = [(one.row.scale, one.row.backend, one.row.identity, one.field) for one in judge_again(Store(RESULTS))]
    assert found == []


def test_every_file_carries_the_digest_of_its_content():
    """What was recorded before files were sealed has been sealed as it was: a flipped bit anywhere is found."""
    files = [path for scale in ("quick", "standard", "full") for path in (RESULTS / scale).rglob("*.json")]
    assert [str(path) for path in files if serialise.SEAL not in json.loads(path.read_bytes())] == []


def test_history_is_as_it_was_kept():
    assert history.changed(RESULTS) == []


def test_what_is_recorded_at_scale_quick_is_whole(evidence, claim_module):
    """Every row of every claim, on each backend that was recorded; what has not been run, the page lists."""
    ids = {path.stem.removeprefix("test_") for path in CLAIMS.glob("test_*.py")}
    for backend in {one.backend for one in evidence if one.scale == "quick"}:
        found = {one.claim: len(one.rows) for one in evidence if (one.scale, one.backend) == ("quick", backend)}
        whole = {name: claim_module(name).CLAIM.on("digits") for name in ids}
        assert found == {name: len(scope.rows) + scope.search for name, scope in whole.items()}, backend


def test_the_recorded_words_are_those_of_the_claims(evidence, claim_module):
    for one in evidence:
        claim = claim_module(one.claim).CLAIM
        for name in ("statement", "source", "chapter", "question", "quotation", "words", "means"):
            assert getattr(one, name) == getattr(claim, name), (one.claim, name)
        assert one.design == claim.places, one.claim
        for name, values in claim.parameters.items():
            assert not [f"{name}={value}" for value in values if value not in one.words]


def test_rows_are_judged_by_the_terms_of_their_claims(evidence, claim_module):
    for row in (row for one in evidence for row in one.rows):
        claim, search = claim_module(row.claim).CLAIM, row.kind == Kind.SEARCH
        estimand = claim.search if search else claim.estimand(**row.parameters)
        expected = (
            estimand.threshold,
            estimand.unit,
            estimand.zero,
            claim.declared(row.data),
            Kind.SEARCH if search else estimand.kind,
        )
        assert (row.threshold, row.unit, row.zero, row.declared, row.kind) == expected, row.identity
        assert row.registered == claim.registered != "", row.identity


def test_counterexamples_are_those_of_the_evidence(evidence):
    """One a search that found one, and no other; whichever version of the study wrote it."""
    kept = {
        path: serialise.read(path, counterexample.Counterexample) for path in RESULTS.glob("*/*/counterexamples/*/*")
    }
    found = {
        RESULTS / counterexample.place(row): counterexample.found(one, row)
        for one in evidence
        for row in one.rows
        if counterexample.refuted(row)
    }
    assert {path: replace(one, version="") for path, one in kept.items()} == {
        path: replace(one, version="") for path, one in found.items()
    }


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The pages of what is recorded, written anew."""
    copy = shutil.copytree(RESULTS, tmp_path_factory.mktemp("recorded") / "results")
    return {path.relative_to(copy).as_posix(): path for path in page.write(copy, CLAIMS, CONTROLS)}


def test_the_pages_are_those_of_the_evidence(written):
    """The words of them: how a figure is drawn, and how a table is packed, is that of the release at hand."""
    for name, path in written.items():
        if path.suffix == ".md":
            assert path.read_text(encoding="utf-8") == (RESULTS / name).read_text(encoding="utf-8"), name


def test_the_pages_hold_every_row_and_stay_short(written, evidence):
    """A page a claim with each row's count, interval and threshold; the offline page with each value observed, too."""
    offline = html.unescape(written["index.html"].read_text(encoding="utf-8"))
    assert written["index.html"].stat().st_size < 3_000_000
    assert len(written["README.md"].read_text(encoding="utf-8").splitlines()) <= 110
    for one in evidence:
        shown = written[f"claims/{one.claim}.md"].read_text(encoding="utf-8").replace("\u00a0", " ")
        assert len(shown.splitlines()) <= 200
        for row in one.rows:
            numbers = [text.count(row), text.interval(row.median, row.low, row.high), text.threshold(row)]
            for said in (row.verdict, *numbers):
                assert text.md(said) in shown, (row.identity, said)
                assert said in offline, (row.identity, said)
        for series in one.observations:
            assert not [v for v in (*series.low, *series.ends) if text.number(v) not in offline]
    assert written["README.md"].read_text(encoding="utf-8").count("<tbody>") <= 7
