"""What faults have brought to light, each case by itself; it is mended since."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import numpy as np
import pytest
from hypothesis import given

from study.design.claim import Claim, Estimand
from study.design.contexts import Context
from study.evidence.store import Store as Results
from study.lab.bodies import Body
from study.lab.lab import Lab
from study.measures.tools.bracket import Bracket

SEEN = """
from pathlib import Path

import pytest

from study.design.profile import load_profile

load_profile()


@pytest.hookimpl(wrapper=True)
def pytest_report_teststatus(report):
    if report.when == "call":
        content = "".join(path.read_text() for path in Path("results").rglob("tiny.json"))
        row = report.nodeid.rpartition("-")[2].rstrip("]")
        with Path("seen").open("a") as seen:
            seen.write(f"{row} {row in content} ")
    return (yield)
"""


@pytest.mark.framework
def test_a_row_is_written_before_its_word_is_told(tiny):
    """It was told first: a run that was killed in between had told of a row that was nowhere."""
    ran = tiny({"conftest.py": SEEN}).run("-k", "held or denied")
    assert ran.verdicts == {"held-digits": "SUPPORTED", "denied-digits": "REFUTED"}
    assert (ran.folder / "seen").read_text() == "held True denied True "


@pytest.fixture
def session(planted_session):
    """A session that has judged a row of planted VAEs, and the row as it is handed on."""
    claim = Claim(
        id="planted", statement="", source="", chapter="", parameters={},
        estimand=lambda: Estimand(0.0, "nats"), design=[Context.of(latent_dim=2)],
    )  # fmt: skip

    @given(context=claim.contexts())
    def test_planted(lab, context):
        lab.observe(claim, lab.run(context).value("rate"))

    made, lab = planted_session(lambda block, measure: Bracket(np.ones(8), np.ones(8))), Lab("quick", "digits")
    body = Body.of("test_planted", partial(test_planted, lab=lab), claim, {}, lab, search=False)
    made.collect([body])
    return made, made.verdict(body)[0]


def test_a_row_that_cannot_be_written_is_one_error(session):
    """A full disk was an internal error of pytest, whose traceback was all that a user saw."""
    made, text = session
    made.options.results.parent.mkdir(parents=True, exist_ok=True)
    made.options.results.touch()  # a file, where a folder should be
    told = made.record(text)
    assert told.startswith("planted[]@digits was judged")
    assert ", but could not be recorded: [Errno" in told
    assert made.judged == []


def test_a_manifest_that_cannot_be_written_is_one_line(session):
    made, text = session
    assert made.record(text) == ""
    path = made.options.results / "quick" / "jax" / "manifest.json"
    path.mkdir()
    assert "study: the manifest could not be written: " in made.close()


def test_a_clock_that_goes_back_loses_no_manifest(session):
    """The end lay before the beginning, which was refused after everything was trained."""
    made, text = session
    made.record(text)
    made.started += timedelta(days=1)
    assert "manifest" not in made.close()
    (found,) = Results(made.options.results).manifests().values()
    assert found.finished == found.started


def test_faults_that_were_cut_short_leave_no_record(record):
    """It would name a command that had not come to its end."""
    for status, written in ((pytest.ExitCode.INTERRUPTED, False), (pytest.ExitCode.TESTS_FAILED, True)):
        record.pytest_sessionfinish(status)
        assert record.path.exists() == written
