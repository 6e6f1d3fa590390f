"""History is kept as it was, of whatever schema: moved whole, pinned, listed; a changed file is named."""

from __future__ import annotations

import json

import pytest

from study.errors import EvidenceError, InvalidValue
from study.evidence import history
from study.evidence.store import Store

ROWS = [{"seed_root": "first", "verdict": word, "of": "another schema"} for word in ("REFUTED", "SUPPORTED", "REFUTED")]
SAID = {"rule": "a rule", "reason": "a reason", "moved": "2026-12-01"}


@pytest.fixture
def results(tmp_path):
    """Evidence of two claims, on two backends, in a schema that nobody reads any more."""
    for backend in ("jax", "torch"):
        folder = tmp_path / "quick" / backend
        (folder / "figure-data").mkdir(parents=True)
        for claim in ("one", "two"):
            (folder / f"{claim}.json").write_text(json.dumps({"schema": 1, "claim": claim, "rows": ROWS}))
        (folder / "manifest.json").write_text('{"schema": 1}')
        (folder / "figure-data" / "plane.json").write_text('{"schema": 1}')
    return tmp_path


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_what_is_moved_is_kept_as_it_was_and_listed(results):
    before = {path: (results / path).read_bytes() for path in files(results)}
    history.move(results, ["one"], **SAID)
    here = "history/first/quick/jax"
    assert (results / here / "one.json").read_bytes() == before["quick/jax/one.json"]
    assert (results / here / "one.manifest.json").read_bytes() == before["quick/jax/manifest.json"]
    assert files(results / "quick" / "jax") == ["figure-data/plane.json", "manifest.json", "two.json"]
    assert [history.cells(kept) for kept in history.read(results)] == [
        ["one", f"quick, {backend}", "first", "2 REFUTED, 1 SUPPORTED", "a rule", "2026-12-01", "a reason"]
        for backend in ("jax", "torch")
    ]
    assert history.said(results).startswith("6 earlier rows (rule: a rule; seed root `first`) are kept")
    assert history.changed(results) == []


def test_counterexamples_go_with_their_claim(results):
    for claim in ("one", "two"):
        folder = results / "quick" / "jax" / "counterexamples" / claim
        folder.mkdir(parents=True)
        (folder / "every-VAE,digits.json").write_text(claim)
    history.move(results, ["one"], **SAID)
    name = "quick/jax/counterexamples/{}/every-VAE,digits.json"
    assert (results / "history/first" / name.format("one")).read_text() == "one"
    assert not (results / name.format("one")).exists()
    assert (results / name.format("two")).read_text() == "two"
    assert history.changed(results) == []


def test_the_last_claim_takes_manifest_and_figure_data_along(results):
    before = {path: (results / path).read_bytes() for path in files(results)}
    history.move(results, ["one", "two"], **SAID)
    kept = results / "history" / "first"
    assert {name: (kept / name).read_bytes() for name in files(kept)} == before  # and no copy
    assert not [path for path in files(results) if not path.startswith("history/")]
    assert Store(results).rows() == []  # neither read nor judged
    assert history.changed(results) == []


def test_a_file_that_is_changed_gone_or_added_is_named(results):
    history.move(results, ["one"], **SAID)
    folder = results / "history" / "first" / "quick" / "jax"
    (folder / "one.json").write_text("{}")
    (folder / "one.manifest.json").unlink()
    (folder / "another.json").touch()
    assert [line.removeprefix(str(folder)) for line in history.changed(results)] == [
        "/one.manifest.json: gone", "/one.json: changed", "/another.json: not in the index",
    ]  # fmt: skip


def test_what_cannot_be_moved_is_refused_before_anything_is(results):
    before = files(results)
    for claims, error, message in (
        (["one", "three"], InvalidValue, "claim: expected a claim with evidence in .*, received 'three'"),
        (["../quick"], InvalidValue, "claim: expected a claim with evidence"),
    ):
        with pytest.raises(error, match=message):
            history.move(results, claims, **SAID)
    (results / "quick" / "torch" / "one.json").write_text('{"rows": [{"verdict": "REFUTED"}]}')
    with pytest.raises(EvidenceError, match=r"torch/one.json: expected evidence of one seed root"):
        history.move(results, ["one"], **SAID)
    assert files(results) == before


def test_what_is_kept_is_not_written_over(results):
    whole = (results / "quick" / "jax" / "one.json").read_text()
    history.move(results, ["one"], **SAID)
    (results / "quick" / "jax" / "one.json").write_text(whole)
    with pytest.raises(EvidenceError, match="expected no history of this claim and seed root yet"):
        history.move(results, ["one"], **SAID)


def test_a_claim_that_was_seen_on_a_seed_root_needs_another(results):
    history.check_fresh(results, "one", "first")
    history.move(results, ["one"], **SAID)
    history.check_fresh(results, "one", "second")
    history.check_fresh(results, "two", "first")
    with pytest.raises(EvidenceError, match=r"^one: expected a seed_root of its own, as its data on 'first' were seen"):
        history.check_fresh(results, "one", "first")


def test_a_damaged_index_is_named_and_no_history_is_none(results):
    assert (history.read(results), history.changed(results), history.said(results)) == ((), [], "")
    (results / "history").mkdir()
    (results / "history" / "index.json").write_text('{"format": 9}')
    with pytest.raises(EvidenceError, match=r"index.json: expected the index of history"):
        history.read(results)
