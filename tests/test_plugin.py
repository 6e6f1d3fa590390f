"""The pytest plugin over a tiny claim, whose VAEs train in a moment: words, records, refusals, interruptions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest
import rich.table  # noqa: F401 - see below
from hypothesis import settings

# Pytester forgets what is imported while pytest runs in this process; compiled modules refuse to come twice.
import study.evidence.judging
import study.lab.exhibits  # noqa: F401
from study.evidence.store import Store
from study.plugin import UNJUDGED
from study.seeds import ROOT, VARIABLE

TINY = '''
"""Claim: the rate of a tiny VAE is at least so much, and its rows take every outcome."""

from dataclasses import replace

import pytest
from hypothesis import given

from study.design.claim import Claim, Estimand

ROWS = {
    "held": (-1.0, "SUPPORTED"), "denied": (1e6, "REFUTED"), "open": (0.0, "SUPPORTED"), "free": (-1.0, ""),
    "wrong": (1e6, "SUPPORTED"),
}
CLAIM = Claim(
    id="tiny", statement="", source="", parameters={"row": tuple(ROWS)}, size=2,
    estimand=lambda row: Estimand(ROWS[row][0], "nats", ROWS[row][1]),
    grid={
        "kl_weight": (0.5, 1.0), "latent_dim": (2,), "encoder_width": (4,), "decoder_width": (4,),
        "max_epochs": (2,), "window_epochs": (1,), "tolerance": (1000.0,),
    },
)


@pytest.mark.parametrize("row", ROWS)
@given(context=CLAIM.contexts())
def test_tiny(lab, row, context):
    rate = lab.run(context).value("rate")
    if row == "open":  # a bracket that no number of replicas narrows
        rate = replace(rate, low=rate.low - 1e3, high=rate.high + 1e3)
    lab.observe(CLAIM, rate)
'''
CONFTEST = """
import sys
from pathlib import Path
from study.design.profile import load_profile

load_profile()


def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        Path("modules.txt").write_text("\\n".join(sys.modules))
"""
# A claim that is stopped in the middle of its second row.
INTERRUPTED = TINY.replace(
    "    lab.observe(CLAIM, rate)\n",
    "    lab.observe(CLAIM, rate)\n    if row == 'denied':\n        raise KeyboardInterrupt\n",
)
LITTER = {"__pycache__", ".hypothesis", ".benchmarks"}  # of Python and of other plugins


def project(folder: Path, claim: str = TINY) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in (
        ("pytest.ini", "[pytest]\nfilterwarnings = ignore"),
        ("conftest.py", CONFTEST),
        ("test_tiny.py", claim),
    ):
        (folder / name).write_text(text)
    return folder


def pytest_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    run = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(run, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


def document(folder: Path) -> str:
    (path,) = (folder / "results").glob("quick/*/tiny.json")
    return path.read_text()


def row(folder: Path, name: str) -> dict:
    (found,) = [r for r in json.loads(document(folder))["rows"] if r["parameters"] == {"row": name}]
    return found


def manifest(folder: Path) -> dict:
    (found,) = Store(folder / "results").manifests().values()
    return found


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Everything, cold: the folder and what was printed; its cache serves the other tests."""
    folder = project(tmp_path_factory.mktemp("plain"))
    return folder, pytest_in(folder, "-v")


@pytest.fixture
def here(pytester, plain):
    """Run pytest in this process, warm: ``here(*arguments, claim=…)``, in a folder of its own."""

    def run(*arguments, claim=TINY):
        project(pytester.path, claim)
        cache = f"--study-cache={plain[0] / '.study-cache'}"
        try:
            return pytester.runpytest_inprocess(cache, *arguments, no_reraise_ctrlc=True)
        finally:
            settings.load_profile("study-unit")

    return run


# Words and outcomes.


@pytest.mark.framework
def test_with_v_every_row_says_its_verdict(plain):
    output = plain[1].stdout
    words = {
        "held": "SUPPORTED", "denied": "REFUTED", "open": "INCONCLUSIVE", "free": "SUPPORTED",
        "wrong": r"FAILED (REFUTED)",
    }  # fmt: skip
    for name, word in words.items():
        assert f"::test_tiny[digits-{name}] {word}" in output
    assert plain[1].returncode == 1
    assert "1 failed, 3 passed, 1 inconclusive" in output


@pytest.mark.framework
def test_a_table_ends_the_run(plain):
    output = plain[1].stdout
    table = output[output.index("claims: scale quick, backend") :]
    assert "claim: tiny" in table
    for name, predicted, verdict in (
        ("held", "SUPPORTED", "SUPPORTED"), ("denied", "REFUTED", "REFUTED"), ("wrong", "SUPPORTED", "REFUTED"),
        ("free", "exploratory", "SUPPORTED"), ("open", "SUPPORTED", "INCONCLUSIVE"),
    ):  # fmt: skip
        (line,) = [line for line in table.splitlines() if line.startswith(f"{name} digits")]
        assert line.split()[2:4] == [predicted, verdict]
        assert "2 × 8" in line
    assert "0 + 16" in table  # rows after the first recall both blocks of eight


@pytest.mark.framework
def test_a_contradicted_prediction_shows_what_it_rests_on(plain):
    output = plain[1].stdout
    found = row(plain[0], "wrong")
    for text in (
        "tiny: predicted SUPPORTED, found REFUTED", f"estimate {found['estimate']:.4g}", "nats, threshold 1e+06",
        f"interval [{found['low']:.4g}, {found['high']:.4g}]", "2 contexts × 8 replicas", "0 replicas not converged",
        "in kl_weight=0.5, latent_dim=2", "'test_tiny.py::test_tiny[digits-wrong]'",
        f"repeat: KERAS_BACKEND={found['backend']} pytest --study-scale quick",
    ):  # fmt: skip
        assert text in output, text
    assert "Traceback" not in output
    assert "def test_tiny" not in output


@pytest.mark.framework
def test_a_warm_run_says_letters_passes_as_predicted_and_imports_no_framework(plain, tmp_path):
    folder = project(tmp_path / "warm")
    run = pytest_in(folder, "-k", "held or denied", f"--study-cache={plain[0] / '.study-cache'}")
    assert run.returncode == 0, run.stdout
    assert "test_tiny.py SR " in run.stdout
    assert "2 passed, 3 deselected" in run.stdout
    modules = set((folder / "modules.txt").read_text().split())
    assert "study.lab" in modules
    assert not modules & {"keras", "tensorflow", "jax", "torch"}
    # Neither -k nor a warm cache changes a row.
    for name in ("held", "denied"):
        assert row(folder, name) == row(plain[0], name)
    assert (manifest(folder)["trained"], manifest(folder)["recalled"]) == (0, 32)


@pytest.mark.framework
def test_strict_makes_inconclusive_a_failure_and_a_partial_run_replaces_its_rows_only(plain, here, pytester):
    first = here("-k", "open or held")
    first.assert_outcomes(passed=1, deselected=3)
    first.stdout.fnmatch_lines(["*1 passed, 3 deselected, 1 inconclusive*"])
    before = document(pytester.path)
    strict = here("-k", "open", "--study-strict", "--study-replicas=4")
    assert strict.ret == pytest.ExitCode.TESTS_FAILED
    strict.stdout.fnmatch_lines(
        [
            "*predicted SUPPORTED, found INCONCLUSIVE (floor-bound)",
            "*2 contexts × 4 replicas*",
            "*--study-replicas 4 '*",
        ]
    )
    after = json.loads(document(pytester.path))
    assert row(pytester.path, "open")["replicas"] == 4
    held = [r for r in json.loads(before)["rows"] if r["parameters"]["row"] == "held"]
    assert [r for r in after["rows"] if r["parameters"]["row"] == "held"] == held
    counts = {(s["parameters"]["row"], len(s["replicas"])) for s in after["observations"]}
    assert counts == {("open", 4), ("held", 8)}
    assert set(manifest(pytester.path)["rows"]) == {"tiny[row=held]@digits", "tiny[row=open]@digits"}


@pytest.mark.framework
def test_everything_is_recorded(plain):
    folder, _ = plain
    content = json.loads(document(folder))
    assert [r["parameters"]["row"] for r in content["rows"]] == ["denied", "free", "held", "open", "wrong"]
    assert len(content["observations"]) == 10
    assert all(series["replicas"] == [*range(8)] for series in content["observations"])
    assert content["design"] == [s["context"] for s in content["observations"][:2]]
    about = manifest(folder)
    assert (about["trained"], about["recalled"]) == (16, 64)
    assert (about["hypothesis_profile"], about["threads"], about["precision"]) == ("study", 1, "float32")
    assert about["device"]
    assert len(about["rows"]) == 5
    # Neither times nor counts are in the evidence, and the caller's folder holds nothing else.
    assert "seconds" not in document(folder)
    assert {path.name for path in folder.iterdir()} - LITTER - {"modules.txt"} == {
        "pytest.ini", "conftest.py", "test_tiny.py", "results", ".study-cache",
    }  # fmt: skip


@pytest.mark.framework
def test_two_workers_give_the_same_evidence_and_train_nothing_twice(plain, tmp_path):
    pytest.importorskip("xdist")
    folder = project(tmp_path / "workers")
    run = pytest_in(folder, "-n", "2")
    assert "1 failed, 3 passed, 1 inconclusive" in run.stdout, run.stdout
    assert "claim: tiny" in run.stdout
    assert document(folder) == document(plain[0])  # trained anew, in other processes
    about = manifest(folder)
    assert (about["trained"], about["trained"] + about["recalled"]) == (16, 80)


def test_options_are_under_one_heading(pytester):
    lines = pytester.runpytest_inprocess("--help").stdout.lines
    start = lines.index("claims about variational autoencoders:")
    section = lines[start + 1 : lines.index("", start)]
    options = [line.split()[0].split("=")[0] for line in section if line.startswith("  --")]
    names = ("scale", "results", "cache", "strict", "replicas", "precision", "seed-root", "plan")
    assert options == [f"--study-{name}" for name in names]
    assert sum(line.strip().startswith("--study-") for line in lines) == len(names)


def test_tests_that_are_no_claims_are_left_alone(pytester):
    pytester.makepyfile("import sys\ndef test_plain(): assert True")
    run = pytester.runpytest_inprocess("--study-results", "/dev/null/nowhere")
    run.assert_outcomes(passed=1)
    assert "claims: scale" not in str(run.stdout)


@pytest.mark.framework
@pytest.mark.skipif(not (os.environ.get("STUDY_DATA") or os.environ.get("CI")), reason="STUDY_DATA is not set")
def test_a_larger_scale_runs_end_to_end(tmp_path):
    """Digits and 10,000 images of MNIST, at the first of three looks."""
    folder = project(tmp_path / "standard")
    run = pytest_in(folder, "--study-scale", "standard", "-k", "held or denied", "-v")
    assert "4 passed" in run.stdout, run.stdout + run.stderr
    rows = Store(folder / "results").rows("standard")
    found = {(r.data, r.parameters["row"], r.verdict, r.replicas) for r in rows}
    expected = {("held", "SUPPORTED", 8), ("denied", "REFUTED", 8)}
    assert found == {(data, *row) for data in ("digits", "mnist") for row in expected}
    assert {round(r.level, 6) for r in rows} == {round(1 - 0.05 / 3 / 5, 6)}  # three looks, five declared rows


# Refusals.


@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        (["--study-scale", "huge"], {}, "*--study-scale: invalid choice: 'huge' (choose from *quick*standard*full*"),
        *(
            (["--study-replicas", n], {}, f"*--study-replicas: expected an integer ≥ 2, received '{n}'.*")
            for n in ("0", "-1", "1", "many")
        ),
        ([], {"KERAS_BACKEND": "theano"}, "ERROR: KERAS_BACKEND: expected one of 'tensorflow', *, received 'theano'."),
        pytest.param(
            ["--study-results", "test_tiny.py"],
            {},
            "ERROR: --study-results: expected a folder that can be written to, received *test_tiny.py*'.",
            marks=pytest.mark.framework,
        ),
        pytest.param(
            ["--study-cache", "test_tiny.py/below"],
            {},
            "ERROR: --study-cache: expected a folder that can be written to, received *test_tiny.py/below'.",
            marks=pytest.mark.framework,
        ),
        pytest.param(
            ["--study-scale", "standard"],
            {"STUDY_DATA": "nowhere"},
            "ERROR: *mnist*nowhere*",
            marks=pytest.mark.framework,
        ),
    ],
)
def test_what_cannot_work_is_one_error_before_anything_is_trained(
    pytester, monkeypatch, arguments, environment, message
):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    project(pytester.path)
    (pytester.path / "conftest.py").unlink()
    before = {path.name for path in pytester.path.iterdir()}
    run = pytester.runpytest_inprocess("-p", "no:cacheprovider", *arguments)
    assert run.ret == pytest.ExitCode.USAGE_ERROR
    (error,) = [line for line in run.stderr.lines if "rror: " in line or ("ERROR: " in line and "usage" not in line)]
    assert fnmatch(error, message)
    assert "Traceback" not in f"{run.stdout}{run.stderr}"
    assert not {path.name for path in pytester.path.iterdir()} - before - LITTER


@pytest.mark.framework
def test_a_refusal_of_workers_is_one_error_too(pytester, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    project(pytester.path)
    run = pytester.runpytest_subprocess("-n", "2")
    assert run.ret == pytest.ExitCode.USAGE_ERROR
    run.stderr.fnmatch_lines("ERROR: KERAS_BACKEND: expected one of *, received 'theano'.")
    assert "INTERNALERROR" not in f"{run.stdout}{run.stderr}"


@pytest.mark.framework
def test_a_replication_has_seeds_and_a_folder_of_its_own(here, pytester):
    here("-k", "held")
    before = document(pytester.path)
    mixed = here("-k", "held", "--study-seed-root", "fresh")
    assert mixed.ret == pytest.ExitCode.USAGE_ERROR
    mixed.stderr.fnmatch_lines(f"ERROR: --study-seed-root: expected '{ROOT}', *--study-results, received 'fresh'.")
    assert VARIABLE not in os.environ
    alone = pytest_in(pytester.path, "-k", "held", "--study-seed-root", "fresh", "--study-results", "again")
    assert "1 passed" in alone.stdout, alone.stdout + alone.stderr
    assert document(pytester.path) == before
    store = Store(pytester.path / "again")
    assert [r.seed_root for r in store.rows()] == ["fresh"]
    assert [m["seed_root"] for m in store.manifests().values()] == ["fresh"]
    values = [{o.low for o in s.observations()} for s in (store, Store(pytester.path / "results"))]
    assert not values[0] & values[1]


@pytest.mark.framework
def test_what_is_trained_on_a_cpu_is_float32(pytester):
    project(pytester.path)
    run = pytest_in(pytester.path, "-k", "held", "--study-precision", "tf32")
    assert "--study-precision: expected 'float32': this backend trains on a CPU, which has no other" in run.stdout
    assert "1 failed" in run.stdout
    assert run.returncode == UNJUDGED
    assert not list(pytester.path.glob(".study-cache/*/*/weights*"))


# Interruptions.


@pytest.mark.framework
def test_an_interrupted_row_keeps_the_observations_already_made(here, pytester):
    run = here("-k", "held or denied", claim=INTERRUPTED)
    assert run.ret == pytest.ExitCode.INTERRUPTED
    content = json.loads(document(pytester.path))
    assert [r["parameters"]["row"] for r in content["rows"]] == ["held"]
    assert [s["parameters"]["row"] for s in content["observations"]] == ["denied", "held", "held"]
    assert set(manifest(pytester.path)["rows"]) == {"tiny[row=held]@digits"}


@pytest.mark.framework
def test_an_interrupted_repetition_keeps_the_evidence_of_the_row_that_stands(here, pytester):
    here("-k", "denied")
    before = document(pytester.path)
    assert here("-k", "denied", claim=INTERRUPTED).ret == pytest.ExitCode.INTERRUPTED
    assert document(pytester.path) == before
