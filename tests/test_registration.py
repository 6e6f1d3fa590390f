"""Registration that holds: what is recorded binds its claim, drafts bind nothing, and local runs are kept apart.

The claim is about a model of its own, so that nothing is trained.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from study.cli.main import main
from study.evidence import serialise
from study.evidence.store import Store
from study.testing import Example

pytestmark = pytest.mark.framework

TEXT = '''
import numpy as np
import pytest
from hypothesis import given

from study import Claim, DiagonalGaussians, Estimand


class Model:
    """Its posterior is N(1, 1) in each of two dimensions, whatever the image: a rate of one nat."""

    id, data = "model", "digits"

    def posterior(self, x):
        ones = np.ones((8, len(x), 2))
        return DiagonalGaussians(ones, 0 * ones)

    def decode(self, z):
        return np.zeros((*z.shape[:2], 64))


ROWS = ("rate",)
CLAIM = Claim(
    id="fixed", statement="", source="", chapter="", parameters={"row": ROWS}, subjects=(Model(),),
    estimand=lambda row: Estimand(0.5, "nats", predicted="SUPPORTED", basis="theory", dated="2026-11-30"),
    registered="2026-12-01",
)


@pytest.mark.parametrize("row", ROWS)
@given(subject=CLAIM.contexts())
def test_fixed(lab, row, subject):
    lab.observe(CLAIM, lab.run(subject).value(row))
'''
FILE = "claims/test_fixed.py"
DATE, LATER = 'registered="2026-12-01"', 'registered="2027-01-01"'


def git(folder, *arguments):
    told = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *told, *arguments], check=True, capture_output=True)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A committed project of the claim."""
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("results/local\n__pycache__\n")
    return edited(Example({FILE: TEXT}, tmp_path))


def edited(project, *changes, commit=True):
    """Change the claim's file, and commit it."""
    path = project.home / FILE
    for old, new in changes:
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))
    if commit:
        git(project.home, "add", ".")
        git(project.home, "commit", "-qm", "claim", "--allow-empty", "--no-verify")
    return project


def recorded(ran):
    return {row.identity: row for row in Store(ran.folder / "results").rows()}


def study(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def evidence(project, name="fixed"):
    (path,) = project.home.glob(f"results/quick/*/{name}.json")
    return path


# Local and recorded.


def test_a_local_run_records_nothing_and_a_recorded_one_says_what_binds_it(project):
    local = project.run()
    assert local.outcomes == {"passed": 1}
    assert not list(project.home.glob("results/quick"))
    (row,) = local.rows
    assert (row.registered, row.expected) == ("2026-12-01", "SUPPORTED")  # registered, committed, with all looks
    ran = project.run("--study-record")
    (found,) = recorded(ran).values()
    assert found == row
    assert found.fingerprint == found.registration.fingerprint
    assert found.registration.asked == {"model": "rate(of model)"}
    assert found.registration.threshold == "0.5"
    (about,) = Store(project.home / "results").manifests().values()
    head = subprocess.run(["git", "-C", project.home, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    assert (about.commit, about.dirty) == (head.stdout.strip(), False)


def test_a_folder_that_is_named_is_written_to(project):
    ran = project.run("--study-results=mine")
    assert ran.status == 0
    assert [row.expected for row in Store(project.home / "mine").rows()] == ["SUPPORTED"]
    assert not (project.home / "results").exists()


@pytest.mark.parametrize(
    ("change", "commit", "arguments", "error"),
    [
        ((DATE, 'registered=""'), True, (), "registered of fixed: expected a date, as a draft is not recorded"),
        (("ROWS =", "ROWS = "), False, (), f"{FILE}: expected a committed file"),
        (("ROWS =", "ROWS = "), True, ("--study-replicas=8",), "--study-replicas: expected those of the scale"),
    ],
    ids=["draft", "not committed", "fewer replicas"],
)
def test_what_is_exploratory_whatever_comes_out_is_not_recorded(project, change, commit, arguments, error):
    edited(project, change, commit=commit)
    refused = project.run("--study-record", *arguments)
    assert refused.status == pytest.ExitCode.USAGE_ERROR
    (line,) = refused.errors
    assert error in line
    assert "Traceback" not in refused.output
    assert not (project.home / "results").exists()
    local = project.run(*arguments)  # its test still passes or fails by its prediction
    assert local.outcomes == {"passed": 1}
    assert [(row.registered, row.expected, row.predicted) for row in local.rows] == [("", "exploratory", "SUPPORTED")]
    edited(project, ("Estimand(0.5", "Estimand(1.5"), commit=False)
    assert project.run(*arguments).outcomes == {"failed": 1}


# What is recorded binds.


MOVED = {
    "threshold": ("Estimand(0.5", "Estimand(0.9", "the threshold was 0.5, and is 0.9 now"),
    "measure": (
        ".value(row)",
        '.value("kl_percentile", percentile=5)',
        "the estimand in model was rate(of model), and",
    ),
    "arithmetic": (".value(row)", ".value(row) + 1", "and is add(rate(of model), 1.0) now"),
    "rows": ('ROWS = ("rate",)', 'ROWS = ("rate", "elbo")', "the number of declared rows was 1, and is 2 now"),
}


@pytest.mark.parametrize(("old", "new", "said"), MOVED.values(), ids=list(MOVED))
def test_what_moved_after_the_data_is_refused_and_what_is_recorded_stays(project, old, new, said):
    project.run("--study-record")
    before = evidence(project).read_bytes()
    edited(project, (old, new))
    for arguments in (("--study-record",), ("--study-results=results",)):
        refused = project.run(*arguments, "-k", "rate")
        assert refused.status == pytest.ExitCode.USAGE_ERROR
        (line,) = refused.errors
        assert line.startswith("ERROR: fixed[row=rate]@digits: the ")
        assert said in line
        assert "register the claim anew" in line
    assert evidence(project).read_bytes() == before
    assert project.run("-k", "rate").status == 0  # a local run is its own


ESTIMAND = 'Estimand(0.5, "nats", predicted="SUPPORTED", basis="theory", dated="2026-11-30")'
ELSEWHERE = {
    "threshold": ("0.5", "0.9", r"the threshold was 0\.5, and is 0\.9 now"),
    "unit": ('"nats"', '"bits"', "the unit was 'nats', and is 'bits' now"),
    "zero": ('"nats",', '"nats", zero=0.4,', r"the zero was 0\.0, and is 0\.4 now"),
    "prediction": ('"SUPPORTED"', '"REFUTED"', "the predicted was 'SUPPORTED', and is 'REFUTED' now"),
}


@pytest.mark.parametrize("scale", ["quick", "standard"])
@pytest.mark.parametrize(("old", "new", "said"), ELSEWHERE.values(), ids=list(ELSEWHERE))
def test_what_is_recorded_binds_at_every_scale(project, scale, old, new, said):
    assert project.run("--study-record").status == 0
    before = evidence(project).read_bytes()
    edited(project, (ESTIMAND, ESTIMAND.replace(old, new)))
    refused = project.run("--study-record", f"--study-scale={scale}")
    (line,) = refused.errors
    assert re.search(rf"fixed\[row=rate\]@digits: .*{said}.*register the claim anew", line), line
    assert [evidence(project).read_bytes()] == [
        path.read_bytes() for path in project.home.glob("results/*/*/fixed.json")
    ]
    assert evidence(project).read_bytes() == before


def test_numbers_of_ones_own_are_bound(project):
    given = TEXT.replace("subjects=(Model(),)", 'data="our scans", design=("ours",)').replace("subject=", "context=")
    given = given.replace("row, subject):", "row, context):").replace(
        "lab.run(subject).value(row)", "context, 16 * [1.0]"
    )
    (project.home / FILE).write_text(given)
    edited(project)
    assert project.run("--study-record").status == 0
    assert project.run("--study-record").status == 0
    edited(project, ("[1.0]", "[1.1]"))
    (line,) = project.run("--study-record").errors
    assert re.search(r"the estimand in ours was given\(\w+\), and is given\(\w+\) now", line)


def test_a_recorded_row_is_not_renamed(project):
    assert project.run("--study-record").status == 0
    edited(project, ('ROWS = ("rate",)', 'ROWS = ("elbo",)'), ("value(row)", 'value("rate")'))
    (line,) = project.run("--study-record").errors
    assert (
        "fixed[row=rate]@digits: recorded (quick, given), and no row of the claim now; register the claim anew" in line
    )


def test_a_prediction_without_a_basis_or_a_date_is_not_recorded(project):
    edited(project, (', basis="theory"', ""))
    (line,) = project.run("--study-record").errors
    assert "expected a basis and a date beside it, received 'SUPPORTED'" in line


def test_nothing_is_recorded_beside_edited_evidence(project, unsealed):
    assert project.run("--study-record").status == 0
    path = evidence(project)
    path.write_text(unsealed(path).replace('"verdict": "SUPPORTED"', '"verdict": "REFUTED"'))
    (line,) = project.run("--study-record").errors
    assert "recorded verdict REFUTED, judged again SUPPORTED" in line


def test_neither_prose_nor_the_basis_of_a_prediction_nor_name_of_the_file_is_bound(project):
    project.run("--study-record")
    edited(
        project,
        ('statement=""', 'statement="It is so."'),
        ('"SUPPORTED", basis="theory"', '"SUPPORTED", basis="pilot"'),
    )
    (project.home / FILE).rename(project.home / "claims" / "test_other.py")
    git(project.home, "add", "-A")
    git(project.home, "commit", "-qm", "renamed", "--no-verify")
    assert project.run("--study-record").status == 0


def test_a_draft_overwrites_itself_and_no_registered_row(project):
    edited(project, (DATE, 'registered=""'))
    assert project.run("--study-results=results").status == 0
    edited(project, ("Estimand(0.5", "Estimand(0.9"))
    assert [row.threshold for row in project.run("--study-results=results").rows] == [0.9]
    edited(project, ('registered=""', DATE))
    assert project.run("--study-record").status == 0
    edited(project, (DATE, 'registered=""'))
    (line,) = project.run("--study-results=results").errors
    assert "fixed: the claim was registered '2026-12-01' when" in line


def test_a_claim_is_registered_anew_on_seeds_of_its_own_and_its_old_rows_are_kept(project):
    project.run("--study-record")
    before, results = evidence(project).read_bytes(), project.home / "results"
    edited(project, ("Estimand(0.5", "Estimand(0.9"), (DATE, LATER))
    (line,) = project.run("--study-record").errors
    assert "is registered '2027-01-01' now; register the claim anew" in line
    moved = study("judge", "--retire", "fixed", "--reason", "a better threshold", "--results", results)
    assert moved.exit_code == 0, moved.output
    (line,) = project.run("--study-record").errors
    assert "fixed: expected a seed_root of its own, as its data on" in line
    edited(project, (LATER, LATER + ', seed_root="anew"'))
    assert project.run("--study-record").status == 0
    assert [(row.threshold, row.seed_root) for row in Store(results).rows()] == [(0.9, "anew")]
    (kept,) = results.glob("history/*/quick/*/fixed.json")
    assert kept.read_bytes() == before
    listed = study("verdicts", "--history", "--results", results)
    assert listed.exit_code == 0
    for text in ("fixed", "1 SUPPORTED", "counting", "a better threshold"):
        assert text in listed.output
    kept.write_bytes(before.replace(b"0.5", b"0.6"))
    for command in (("verdicts", "--history"), ("judge",)):
        found = study(*command, "--results", results)
        assert (found.exit_code, f"{kept}: changed" in found.output) == (1, True), command


# What is read is judged again.


@pytest.mark.parametrize(
    ("field", "value"),
    [("verdict", "REFUTED"), ("median", 9.0), ("threshold", 0.75), ("fingerprint", "0" * 16), ("declared", 2)],
)
def test_an_edited_row_is_found_and_named(project, unsealed, field, value):
    project.run("--study-record")
    results, path = project.home / "results", evidence(project)
    content = json.loads(unsealed(path))
    before, content["rows"][0][field] = content["rows"][0][field], value
    path.write_text(json.dumps(content))
    for command in ("verdicts", "report"):
        found = study(command, "--results", results)
        assert found.exit_code == 1
        (line,) = found.output.splitlines()
        assert line.startswith("Error: row fixed[row=rate]@digits (quick, ")
        assert field in line
    judged = study("judge", "--results", results)
    assert (judged.exit_code, str(value) in judged.output, str(before) in judged.output) == (1, True, True)


# What is refused when it is collected.


WRONG = {
    "predicted": ('predicted="SUPPORTED"', 'predicted="PROVEN"', "predicted: expected one of SUPPORTED, "),
    "basis": ('basis="theory"', 'basis="hope"', "basis: expected one of pilot, theory, or nothing, received 'hope'."),
    "dated": ('dated="2026-11-30"', 'dated="lately"', "dated: expected an ISO date"),
    "threshold": ("Estimand(0.5", 'Estimand("0.5"', "threshold: expected a finite number, received '0.5'."),
    "kind": (
        '"nats", predicted=',
        '"nats", kind="mean", predicted=',
        "kind: expected one of 'most', 'every', 'exact', received 'mean'.",
    ),
    "registered": (DATE, 'registered="soon"', "registered: expected an ISO date"),
    "field": (
        "subjects=(Model(),),", "subjects=(),", "received 'latent_dims'."
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "error"), WRONG.values(), ids=list(WRONG))
def test_what_nobody_can_register_is_refused_by_name(project, old, new, error):
    edited(project, (old, new))
    if old.startswith("subjects"):
        edited(project, ("lab.run(subject)", "lab.run(subject.at(latent_dims=4))"))
    refused = project.run()
    assert refused.status in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERRUPTED)
    assert error in refused.output
    assert "Traceback" not in refused.output
    assert not (project.home / "results").exists()


OVERTURNED = """
[[overturned]]
claim = "fixed"
parameters = { row = "rate" }
predicted = "REFUTED"
found = "SUPPORTED"
overturned = 2026-12-02
data = "digits"
scale = "quick"
backends = ["jax"]
seed_root = "first"
"""


def test_a_row_is_exploratory_on_the_seed_root_that_overturned_its_prediction(project):
    (project.home / "claims" / "predictions.toml").write_text(OVERTURNED)
    edited(project)
    for root, predicted in (("first", ""), ("second", "SUPPORTED")):
        assert project.run(f"--study-seed-root={root}", f"--study-results={root}").status == 0
        (row,) = Store(project.home / root).rows()
        assert (row.predicted, row.expected) == (predicted, predicted or "exploratory")
        assert row.overturned == "REFUTED, overturned on 2026-12-02 (digits, quick, jax, seed root first)"


def test_an_overturned_prediction_of_no_row_is_refused(project):
    (project.home / "claims" / "predictions.toml").write_text(OVERTURNED.replace('"rate"', '"elbo"'))
    (line,) = project.run().errors
    assert line == "ERROR: predictions.toml: fixed: expected a row of the claim, received {'row': 'elbo'}."


# Many claims.


def test_how_often_a_file_is_read_does_not_grow_with_the_claims(project, monkeypatch):
    for name in ("one", "two", "three"):
        text = TEXT.replace('id="fixed"', f'id="{name}"').replace('"model"', f'"{name}"')
        (project.home / "claims" / f"test_{name}.py").write_text(text)
    edited(project)
    project.run("--study-record")
    read, original = [], serialise.read

    def counting(path: Path, kind: type) -> object:
        read.append(path)
        return original(path, kind)

    monkeypatch.setattr(serialise, "read", counting)
    monkeypatch.setattr("study.testing._rows", lambda folder: ())  # which reads what came of the run
    project.run("--study-record", "--study-plan")
    assert len(set(read)) == 5  # four claims, and the manifest
    assert max(Counter(read).values()) == 3  # what stands beside the run, what binds it, and judging again
