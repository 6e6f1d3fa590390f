"""What the pages show, gathered from the evidence."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from study.evidence import serialise
from study.evidence.published import Published
from study.evidence.records import ClaimWords
from study.evidence.store import Store
from study.report import length
from study.report.content import STUDIES, Content, gather

CLAIM = "aggregate_close_to_prior"


def _content(*rows) -> Content:
    return Content(rows=rows, claims={row.claim: ClaimWords(claim=row.claim) for row in rows})


def test_everything_recorded_is_gathered(results: Path, tmp_path: Path) -> None:
    (tmp_path / f"test_{CLAIM}.py").write_text("def test_it_can_lose(): ...\n")
    found = gather(Store(results), [], None, tmp_path)
    assert sorted(map(str, found.rows)) == sorted(map(str, Store(results).rows()))
    assert found.controls == {CLAIM: ["It can lose"]}
    assert len(found.runs) == 2
    assert not found.speed
    assert [len(group) for group in found.groups] == [2, 2]


def test_words_are_counted_once_a_row(make_row) -> None:
    """Whichever backends judged it; backends that contradict each other are none of its words."""
    rows = [make_row(), make_row(backend="torch"), make_row(data="mnist")]
    rows.append(make_row(data="mnist", backend="torch", verdict="REFUTED"))
    assert _content(*rows).counted() == "✔ 1 SUPPORTED · ⚡ 1 where backends disagree"
    assert _content(*rows).counted("another") == ""


def test_standing_tells_predictions_that_came_out(make_row) -> None:
    rows = [make_row(), make_row(verdict="REFUTED", data="mnist"), make_row(verdict="INCONCLUSIVE", data="x")]
    rows.append(make_row(predicted="", data="y"))
    assert _content(*rows).standing == "1 of 4 verdicts as predicted, 1 against, 1 undecided, 1 not predicted"
    assert _content(rows[0]).standing == "1 of 1 verdict as predicted"


def test_data_on_which_no_length_was_varied_are_told(make_row) -> None:
    studied = length.Section("digits", "", 8, (), (), "", "")
    rows = [make_row(), make_row(data="mnist"), make_row(data="x", backend="given"), make_row(data="y", kind="exact")]
    found = [gap for gap in replace(_content(*rows), length=studied).gaps if gap.startswith("Length")]
    assert found == ["Length of training: not varied on MNIST, where longer may say otherwise."]
    assert not [gap for gap in replace(_content(rows[0]), length=studied).gaps if gap.startswith("Length")]


def test_what_is_not_known_is_listed_with_its_reason(make_row) -> None:
    """Undecided, mixed, and contradicted by a backend; a row that all decide alike is not."""
    rows = [
        make_row(), make_row(parameters={"row": "a"}, verdict="MIXED"),
        make_row(parameters={"row": "b"}, verdict="INCONCLUSIVE", reason="floor-bound"),
        make_row(parameters={"row": "c"}), make_row(parameters={"row": "c"}, backend="torch", verdict="REFUTED"),
    ]  # fmt: skip
    found = [gap for gap in _content(*rows).gaps if gap.startswith("[")]
    page = f"[{CLAIM}](claims/{CLAIM}.md), "
    assert found == [
        f"{page}a on digits, quick: architectures contradict each other.",
        f"{page}b on digits, quick: undecided, floor-bound.",
        f"{page}c on digits, quick: backends differ (SUPPORTED on jax, REFUTED on torch).",
    ]


def test_what_contradicts_a_prediction_is_named_once(make_row) -> None:
    """Whatever scales and backends judged it; with its data set."""
    rows = [
        make_row(parameters={"row": "a"}, verdict="REFUTED", **where)
        for where in ({}, {"backend": "torch"}, {"scale": "standard"}, {"data": "mnist"})
    ]
    assert _content(*rows, make_row(claim="other")).against == {CLAIM: ["a on digits", "a on MNIST"]}


def test_figures_stand_with_their_claim(content: Content) -> None:
    assert [figure.name for figure in content.figures_of(CLAIM)] == ["close-quick"]
    assert len(content.figures_of("")) == 3
    assert len(replace(content, figures=()).figures_of("")) == 0


def test_a_study_that_was_not_run_is_a_gap(results: Path, tmp_path: Path) -> None:
    """Each by itself, until its record is there."""
    copy = shutil.copytree(results, tmp_path / "copy")
    record = Published(
        data="mnist", images=1, backend="jax", seed_root="", medians={}, checks=(), commit=None, dirty=None
    )  # fmt: skip
    (copy / "published.json").write_text(serialise.page(record), encoding="utf-8")
    for root, lacking in ((results, STUDIES.values()), (copy, [*STUDIES.values()][1:])):
        gaps = gather(Store(root), [], None, None).gaps
        assert [one for one in STUDIES.values() if f"{one}: not run." in gaps] == list(lacking)
