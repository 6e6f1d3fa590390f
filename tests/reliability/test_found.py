"""What faults have brought to light, each case by itself; it is mended since."""

from __future__ import annotations

import pytest

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
