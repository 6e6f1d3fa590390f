"""The page of specification curves counts what agrees with the recorded word, and names what is damaged."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from study.errors import EvidenceError
from study.evidence.records import ClaimWords
from study.evidence.specifications import FILE
from study.evidence.store import Store
from study.report import page, specifications
from study.report.findings import CERTAINTY, findings

Specify = Callable[..., Path]
CLAIM = "aggregate_close_to_prior"


@pytest.fixture
def folder(results: Path, specify: Specify, tmp_path: Path) -> Path:
    """The planted evidence, with curves beside it."""
    return specify(Path(shutil.copytree(results, tmp_path / "results")))


def test_nothing_recorded_is_nothing_said(tmp_path: Path) -> None:
    assert specifications.section(Store(tmp_path)) is None


def test_agreement_is_with_the_recorded_word_and_weight_1_is_counted_by_itself(folder: Path) -> None:
    found = specifications.section(Store(folder))
    assert found is not None
    with_word, without = found.curves[CLAIM]
    assert with_word.said == (
        "2 of 4 specifications agree with the word SUPPORTED (1 undecided, as a bracket holds the threshold) at KL "
        "weight 1, 1 of 1 at KL weight 0.5; 1 specification left out, of which the claim says nothing."
    )
    assert "2 of 4 specifications reach the threshold (no word is recorded)" in without.said
    medians = [one.median for one in with_word.specifications]
    assert medians == sorted(medians)
    assert len(medians) == 5
    assert specifications.counted([with_word]) == "2 of 4 specifications agree with SUPPORTED"
    assert specifications.counted([with_word, with_word]) == "2 of 4 and 2 of 4 specifications agree with SUPPORTED"
    assert (found.about, found.level) == ("digits, quick, jax, seed root ", "93 %")


def test_a_word_with_which_few_other_choices_agree_is_less_sure(folder: Path, make_row) -> None:
    """From three of four on they bear it out; without a word there is nothing to agree with."""
    found = specifications.section(Store(folder))
    assert found is not None
    few, wordless = found.curves[CLAIM]
    agreeing = [one for one in few.specifications if few.stands(one) == specifications.AGREES]
    enough = specifications.Curve(word="SUPPORTED", specifications=[*agreeing * 3, *few.specifications[:2]], left=0)
    assert specifications.counted([enough]).startswith("6 of 8")
    assert specifications.fragile([few, enough, wordless]) == ["2 of 4"]
    words = {CLAIM: ClaimWords(claim=CLAIM, question="Is it?")}
    rows = [make_row(backend=name) for name in ("jax", "torch")]
    (sure,), (unsure,) = (findings(rows, words, curves) for curves in (None, found.curves))
    reason = "other choices, as defensible, agree in 2 of 4 cases only"
    assert set(unsure.reasons) - set(sure.reasons) == {reason}
    assert CERTAINTY.index(unsure.sure) == CERTAINTY.index(sure.sure) + 1


def test_a_refuted_row_agrees_with_what_falls_short(folder: Path, make_row, specify: Specify) -> None:
    store = Store(folder)
    found = specifications.section(store)
    assert found is not None
    curve = specifications.Curve(word="REFUTED", specifications=found.curves[CLAIM][0].specifications, left=0)
    assert curve.said.startswith("1 of 4 specifications agree with the word REFUTED")
    undecided = specifications.Curve(word="MIXED", specifications=curve.specifications, left=0)
    assert "2 of 4 specifications reach the threshold (the row is MIXED)" in undecided.said


def test_the_page_has_a_figure_a_claim_and_is_linked(folder: Path) -> None:
    written = page.write(folder)
    assert folder / "specifications.md" in written
    text = (folder / "specifications.md").read_text(encoding="utf-8")
    assert "## The mixture is close to the prior." in text
    assert "**2 of 4 specifications agree with the word SUPPORTED (1 undecided" in text
    assert f"](figures/specifications-{CLAIM}.svg)" in text
    assert (folder / "figures" / f"specifications-{CLAIM}.svg").exists()
    assert "(specifications.md)" in (folder / "README.md").read_text(encoding="utf-8")
    assert f"](../figures/specifications-{CLAIM}.svg)" in (folder / "claims" / f"{CLAIM}.md").read_text(
        encoding="utf-8"
    )
    assert "Specification curves." in (folder / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("damage", [{"schema": 99}, {"schema": 3}, [], {"schema": 3, "rows": [{}]}])
def test_a_damaged_record_is_named(tmp_path: Path, damage: object) -> None:
    (tmp_path / FILE).write_text(json.dumps(damage), encoding="utf-8")
    with pytest.raises(EvidenceError, match=r"specifications\.json"):
        specifications.section(Store(tmp_path))
