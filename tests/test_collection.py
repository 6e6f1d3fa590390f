"""What is wrong with a claim's module, or with a search, is one line at collection."""

from __future__ import annotations

import pytest

from study.testing import Example

SEARCH = """
import pytest
from hypothesis import given

from study import Claim, Estimand, search_space

CLAIM = Claim(
    id="sought", statement="", source="", chapter="", parameters={"measure": ("rate",)},
    estimand=lambda measure: Estimand(0.0, "nats"), search=Estimand(0.0, "nats"),
)


@pytest.mark.study_search
@given(context=search_space())
def test_sought(lab, context):
    value = lab.examine(CLAIM, lab.run(context).value("rate"))
    assert value is None  # nothing is measured yet
"""


def refused(text, line, *arguments):
    ran = Example({"claims/test_sought.py": text}).run("--collect-only", "-q", *arguments)
    assert ran.status != 0
    said = [one for one in ran.output.splitlines() if line in one]
    assert said, ran.output
    assert "Traceback" not in ran.output
    assert "/study/" not in ran.output  # no line of ours
    return said


@pytest.mark.framework
def test_a_search_is_rehearsed_and_only_names_are_checked():
    assert Example({"claims/test_sought.py": SEARCH}).run("--collect-only", "-q").status == 0
    refused(SEARCH.replace('value("rate")', 'value("raet")'), "expected one of 'rate'")
    refused(SEARCH.replace(', search=Estimand(0.0, "nats")', ""), "search: expected an estimand, in the claim 'sought'")
    nothing = SEARCH.replace('lab.examine(CLAIM, lab.run(context).value("rate"))', "None")
    refused(nothing, "sought: expected a search to examine a VAE")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (
            'Estimand(0.0, "nats"),\n)',
            'Estimand(0.0, "nats", kind="mean"),\n)',
            "kind: expected one of 'most', 'every', 'exact', received 'mean'.",
        ),
        ('Estimand(0.0, "nats"),\n)', 'Estimand(float("nan"), "nats"),\n)', "threshold: expected a finite number"),
        (
            'Estimand(0.0, "nats"),\n)',
            'Estimand(0.0, "nats", predicted="Suported"),\n)',
            "predicted: expected one of SUPPORTED",
        ),
    ],
)
def test_a_module_that_declares_what_cannot_be_is_one_line(old, new, line):
    assert old in SEARCH
    assert len(refused(SEARCH.replace(old, new), line)) >= 1


@pytest.mark.framework
def test_a_condition_that_is_none_is_refused():
    text = SEARCH.replace(
        "@pytest.mark.study_search", "@pytest.mark.study_search\n@pytest.mark.skipif('nope', reason='')"
    )
    ran = Example({"claims/test_sought.py": text}).run("--collect-only", "-q")
    assert "INTERNALERROR" not in ran.output
    assert "nope" in ran.output
