"""The manifest: provenance that is true of a planted checkout, and none where there is none."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

from study.errors import InvalidValue
from study.evidence.manifest import RowCost, manifest, row_key, run_info
from study.evidence.records import VerdictRow
from study.evidence.store import Store

START = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    (tmp_path / "code.py").touch()
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "--no-verify", "-m", "code"]):
        subprocess.run([*git, *arguments], check=True)
    return tmp_path


def build(repository, **changes):
    fields = {
        "scale": "quick",
        "backend": "jax",
        "device": "cpu",
        "threads": 1,
        "precision": "float32",
        "hypothesis_profile": "study",
        "seed_root": "planted",
        "started": START,
        "finished": START + timedelta(seconds=90.5),
        "rows": {
            "b@digits": RowCost(seconds=2.0, trained=3, recalled=1),
            "a@digits": RowCost(seconds=1.0, trained=0, recalled=4),
        },
        "command": [
            "/home/somebody/bin/pytest",
            "claims",
            "--study-cache",
            "/home/c",
            "-k",
            "a or b",
            "--study-cache=/c",
        ],
    }
    return manifest(**({"claims": repository} | fields | changes), repository=repository)


def test_what_a_run_records(checkout, tmp_path):
    got = build(checkout)
    assert got.command == "pytest claims -k 'a or b'"
    assert (got.started, got.finished) == ("2030-01-02T03:04:05+00:00", "2030-01-02T03:05:35+00:00")
    assert (got.seconds, got.trained, got.recalled, got.seed_root) == (90.5, 3, 5, "planted")
    assert list(got.rows) == ["a@digits", "b@digits"]
    assert got.rows["a@digits"].commit == got.commit
    assert got.versions["numpy"] == np.__version__
    assert got.versions.keys() >= {"scipy", "scikit-learn", "hypothesis", "pytest", "keras", "jax"}
    Store(tmp_path / "store").write_manifest(got)
    assert Store(tmp_path / "store").manifests() == {("quick", "jax"): got}


def test_times_are_utc(checkout):
    east = timezone(timedelta(hours=5))
    assert build(checkout, started=START.astimezone(east)).started == "2030-01-02T03:04:05+00:00"


def test_results_do_not_make_a_checkout_dirty(checkout):
    assert build(checkout).dirty is False
    assert len(build(checkout).commit) == 40
    (checkout / "results").mkdir()
    (checkout / "results" / "evidence.json").touch()
    assert build(checkout).dirty is False
    (checkout / "code.py").write_text("changed")
    assert build(checkout).dirty is True


def test_the_commit_is_that_of_the_claims_and_the_packages_stands_beside_it(checkout):
    (checkout / "claims").mkdir()
    inside = checkout / "site-packages"  # Somebody else's checkout: its commit says nothing about the study's code.
    inside.mkdir()
    got = build(inside, claims=checkout / "claims")
    assert (got.commit, got.package.commit, got.package.dirty) == (build(checkout).commit, None, None)
    assert got.package.version == run_info()["study"]
    assert {row.package for row in got.rows.values()} == {got.package}
    assert build(checkout).package.commit == got.commit


def test_no_checkout_has_no_commit(checkout, monkeypatch, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert (build(elsewhere).commit, build(elsewhere).dirty) == (None, None)
    monkeypatch.setenv("PATH", "")
    assert (build(checkout).commit, build(checkout).dirty) == (None, None)


def test_the_processor_is_named(checkout):
    got = build(checkout)
    assert got.processor
    assert got.processor == run_info()["processor"] == got.rows["a@digits"].processor
    if (cpu := Path("/proc/cpuinfo")).exists() and "model name" in cpu.read_text():
        assert got.processor in cpu.read_text()


@pytest.mark.parametrize("changes", [{"started": START.replace(tzinfo=None)}, {"finished": START - timedelta(1)}])
def test_times_that_make_no_sense_are_refused(checkout, changes):
    with pytest.raises(InvalidValue, match=r"^started, finished: expected"):
        build(checkout, **changes)


def test_row_keys_do_not_depend_on_the_order_of_parameters():
    fields = dict.fromkeys(VerdictRow.__dataclass_fields__, "")
    fields |= {"claim": "kl_pull", "data": "digits", "kind": "most", "verdict": "SUPPORTED"}
    row = VerdictRow(**fields | {"parameters": {"b": "2", "a": "1"}})
    assert row_key(row) == row_key(replace(row, parameters={"a": "1", "b": "2"})) == "kl_pull[a=1,b=2]@digits"


def test_info_imports_no_framework():
    code = (
        "import json, sys; from study.evidence.manifest import run_info; info = run_info(); "
        "print(json.dumps([info, sorted({'keras', 'jax', 'torch', 'tensorflow', 'numpy.linalg'} & set(sys.modules))]))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    info, imported = json.loads(done.stdout)
    assert set(imported) <= {"numpy.linalg"}
    assert info["backends"].keys() == {"jax", "tensorflow", "torch"}
    assert info == json.loads(json.dumps(run_info()))
