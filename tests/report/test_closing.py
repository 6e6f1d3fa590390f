"""What closes a run: rows, where they are kept, the comparison, and the count last of all."""

from __future__ import annotations

from pathlib import Path

import pytest

from study.evidence.records import ClaimWords, Evidence
from study.evidence.store import Store
from study.report.closing import closing
from study.runtime.options import Options

WORDS = ClaimWords(claim="aggregate_close_to_prior", statement="It is close.")
LAST = "1 as predicted, 0 against, 0 undecided, 0 not applicable"


def options(folder: Path, *, record: bool = False) -> Options:
    asked = {"scale": "quick", "cache": "c", "precision": "float32", "record": record}
    return Options.read(asked, folder)


@pytest.fixture
def judged(make_row):
    return Evidence.gather(WORDS, make_row(), [])


def test_a_local_run_says_where_it_is_kept_and_counts_last(tmp_path, judged) -> None:
    lines = closing([judged], options(tmp_path), 80, color=False, contexts=False).splitlines()
    assert "not recorded (--study-record), kept in results/local" in lines
    assert "page and figures (extra report): study report --results results/local" in lines
    assert lines[-1] == LAST
    assert not any("recorded in results" in line for line in lines)  # there is no evidence to compare with


def test_a_local_run_is_compared_with_what_is_recorded(tmp_path, judged) -> None:
    Store(tmp_path / "results").update(judged)
    lines = closing([judged], options(tmp_path), 80, color=False, contexts=False).splitlines()
    assert "1 of 1 row came to the word recorded in results (quick, jax)." in lines
    assert lines[-1] == LAST
    recorded = closing([judged], options(tmp_path, record=True), 80, color=False, contexts=False)
    assert "\nrecorded in results\n" in recorded
    assert "1 of 1" not in recorded  # it is that evidence itself


def test_damaged_evidence_does_not_take_the_run_with_it(tmp_path, judged) -> None:
    Store(tmp_path / "results").update(judged).write_text("{")
    text = closing([judged], options(tmp_path), 80, color=False, contexts=False)
    assert "not compared with what is recorded: " in " ".join(text.split())
    assert text.endswith(f"{LAST}\n")


def test_the_command_that_replays_a_counterexample_names_the_folder_of_the_run(tmp_path, make_row) -> None:
    found = make_row(kind="search", verdict="REFUTED", parameters={"form": "every VAE"})
    text = closing([Evidence.gather(WORDS, found, [])], options(tmp_path), 80, color=False, contexts=False)
    assert (
        " study replay results/local/quick/jax/counterexamples/aggregate_close_to_prior/every-VAE,digits.json\n" in text
    )


def test_nothing_closes_a_run_that_judged_nothing(tmp_path) -> None:
    assert closing([], options(tmp_path), 80, color=False, contexts=False) == ""
