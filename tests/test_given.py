"""Numbers of one's own: judged by the study's rule, and recorded as nobody else's; nothing is measured."""

from __future__ import annotations

import json

import pytest

from study.evidence.judging import judge_again
from study.evidence.store import Store
from study.report import page
from study.testing import Example

pytestmark = pytest.mark.framework  # a run names a backend, whatever its claims ask for

CLAIM = '''
"""Claim: our own VAEs have a rate of 2 nats at least."""

import numpy as np
from hypothesis import given

from study import Claim, Estimand

RATES = {"wide": 3 + np.arange(12) / 10, "deep": 2.5 + np.arange(12) / 10}
CLAIM = Claim(
    id="ours", statement="Our rate is high.", source="us", chapter="1. Ours", parameters={}, data="our scans",
    design=tuple(RATES), estimand=lambda: Estimand(2.0, "nats", "SUPPORTED", "theory", "2026-11-30"),
)


@given(context=CLAIM.contexts())
def test_ours(lab, context):
    lab.observe(CLAIM, context, RATES[context])
'''


@pytest.fixture(scope="module")
def example() -> Example:
    return Example({"claims/test_ours.py": CLAIM})


def test_they_are_judged_at_one_look_and_never_called_the_studys_own(example):
    ran = example.run("claims")
    assert ran.status == 0, ran.output
    (row,) = ran.rows
    assert (row.data, row.backend, row.device) == ("our scans", "given", "given")
    assert (row.verdict, row.reach, row.count, row.looks) == ("SUPPORTED", 24, 24, (12,))
    results = ran.folder / "results" / "local"
    assert not judge_again(Store(results))
    manifest = json.loads((results / "quick" / "given" / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["trained"], manifest["device"]) == (0, "given")
    assert not {"keras", "jax", "tensorflow", "torch"} & manifest["rows"]["ours[]@our scans"]["versions"].keys()
    written = {path.name: path for path in page.write(results)}
    text = written["ours.md"].read_text(encoding="utf-8")
    assert "| our scans, quick | ✔ SUPPORTED; " in text
    assert "KERAS_BACKEND=given" not in text + written["index.html"].read_text(encoding="utf-8")


def test_other_numbers_give_another_word(example):
    ran = example.replace("3 + np.arange", "1.99 - np.arange").run("claims")
    assert [row.verdict for row in ran.rows] == ["MIXED"]
    assert ran.outcomes.get("failed") == 1, "against the prediction"


def test_a_replica_that_diverged_is_left_out(example):
    ran = example.replace("3 + np.arange(12) / 10", "[np.nan, *3 + np.arange(11) / 10]").run("claims")
    assert [(row.verdict, row.reach, row.diverged) for row in ran.rows] == [("SUPPORTED", 23, 1)]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("RATES[context])", "RATES[context] * np.nan)", "NaN in every replica"),
        ("RATES[context])", "[])", "at least one number"),
        ("RATES[context])", "RATES[context][None])", "an array (replica,)"),
        ("RATES[context])", "['a', 'b'])", "numbers, one a replica"),
        ("RATES[context])", "RATES[context][: len(context) * 3 if context == 'wide' else 2])", "as many numbers"),
        ("RATES[context])", "RATES[context][:2])", "replicas of"),
        ("RATES[context])", "None)", "a value of the lab"),
        ("CLAIM, context, RATES[context])", "CLAIM, 'narrow', RATES['wide'])", "one of the claim's design"),
        ('data="our scans",', "", "Claim(data=…)"),
        ('"2026-11-30"),', '"2026-11-30", kind="every"),', "has no fresh seeds"),
    ],
)
def test_what_cannot_be_judged_is_refused_by_name(example, old, new, said):
    ran = example.replace(old, new).run("claims")
    assert ran.status not in (0, 1), ran.output
    assert said in ran.output
    assert "Traceback" not in ran.output


def test_numbers_and_values_of_the_lab_are_not_mixed(example):
    numbers = "lab.observe(CLAIM, context, RATES[context])"
    measured = "lab.observe(CLAIM, lab.run(context).value('rate'))"
    listed = "design=tuple(RATES)", "design=(Context.of(latent_dim=2), Context.of(latent_dim=4))"
    ours = example.replace("import Claim,", "import Claim, Context,").replace(*listed)
    own = ours.replace('data="our scans"', 'data="digits"').replace(numbers, measured).run("claims")
    assert "as CLAIM names their data" in own.output
    theirs = ours.replace('data="our scans",', "").replace("RATES[context]", "np.arange(8)").run("claims")
    assert "numbers of one's own need Claim(data=…)" in theirs.output


def test_a_number_cannot_be_changed_within_a_run(example):
    twice = "lab.observe(CLAIM, context, RATES[context])\n    lab.observe(CLAIM, context, RATES[context] + 1)"
    ran = example.replace("lab.observe(CLAIM, context, RATES[context])", twice).run("claims")
    assert "one estimand a context" in ran.output
