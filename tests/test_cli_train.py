"""``study train``, called as a user calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec

import pytest
from click.testing import CliRunner

from study.cli import main
from study.lab.cache import Block
from study.lab.cluster import dask
from study.lab.plan import Plan, Task
from study.lab.times import Times
from study.lab.work import Bench
from study.runtime.backends import selected
from study.vae.config import VAEConfig


def python(folder, *arguments):
    run = [sys.executable, *arguments]
    return subprocess.run(run, cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False)


def pytest_in(folder, *arguments):
    return python(folder, "-m", "pytest", "-p", "no:cacheprovider", *arguments)


def document(folder):
    (path,) = (folder / "results").glob("quick/*/small.json")
    return path.read_text(encoding="utf-8")


@pytest.mark.framework
def test_plan_train_judge_gives_what_plain_pytest_gives(small_study, tmp_path):
    """Two looks, a search and its confirmation: three rounds, and then all comes from the cache."""
    plain = small_study(tmp_path / "plain")
    assert pytest_in(plain).returncode == 0
    folder = small_study(tmp_path / "rounds")
    assert pytest_in(folder, "--study-plan").returncode == 0
    run = python(folder, "-m", "study", "train", "--workers", "2")
    assert run.returncode == 0, run.stdout + run.stderr
    rounds = [line for line in run.stdout.splitlines() if line.startswith("round ")]
    # A search's next example depends on the last; its two candidates are confirmed on 16 fresh replicas each.
    assert [line.split(" on ")[0] for line in rounds] == [
        "round 1: 3 blocks (24 VAEs)",
        "round 2: 3 blocks (24 VAEs)",
        "round 3: 4 blocks (32 VAEs)",
    ], run.stdout
    assert "3 trained, 0 recalled" in run.stdout
    assert "4 trained, 0 recalled" in run.stdout
    last = run.stdout.splitlines()[-1]
    assert last == (
        "nothing is left to train: all 3 rows are decided, or out of looks. "
        f"`KERAS_BACKEND={selected()} pytest -p no:cacheprovider` judges from the cache alone"
    )
    assert not (folder / "results").exists()
    judged = pytest_in(folder)
    assert judged.returncode == 0, judged.stdout
    assert document(folder) == document(plain)
    assert not {"keras", "tensorflow", "jax", "torch"} & set((folder / "modules.txt").read_text().split())
    (manifest,) = (folder / "results").glob("quick/*/manifest.json")
    assert json.loads(manifest.read_text())["trained"] == 0


# Refusals: one line each, and nothing is trained.


@pytest.fixture
def cache(tmp_path):
    """A cache that holds a plan of one block."""
    bench = Bench(tmp_path / "cache", "jax")
    task = Task.of(bench, Block(VAEConfig(latent_dim=2)), "latent", "small")
    made = Plan("jax", "vae-claims-2", str(tmp_path), ("--study-plan",), 1, 0).with_tasks([task], Times({}))
    made.write(bench.cache)
    return bench.cache


@pytest.fixture
def refused(cache, monkeypatch):
    """Call ``study train``; return its one line of error."""
    monkeypatch.setenv("STUDY_SEED_ROOT", "vae-claims-2")
    monkeypatch.setattr(dask, "PATIENCE", 0.5)

    def call(*arguments, code=2):
        result = CliRunner().invoke(main, ["train", "--cache", str(cache), *arguments])
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result.output.splitlines()[-1]

    return call


def needs(package):
    return pytest.mark.skipif(find_spec(package) is None, reason=f"{package} is not installed")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--executor", "ray"], "--executor: expected 'local', 'dask://HOST:PORT' or 'slurm', received 'ray'."),
        (["--executor", "dask://host"], "--executor: expected 'local', 'dask://HOST:PORT' or 'slurm', received"),
        pytest.param(
            ["--executor", "dask://127.0.0.1:9"],
            "--executor: expected dask://HOST:PORT of a scheduler that answers;",
            marks=needs("distributed"),
        ),
        pytest.param(
            ["--executor", "slurm"],
            "--executor: expected a machine on which Slurm's srun is found, received 'slurm'.",
            marks=needs("submitit"),
        ),
        (["--executor", "slurm", "-o", "timeout"], "--option: expected NAME=VALUE, received 'timeout'."),
        (["-o", "timeout_min=3"], "--option: expected --executor slurm, which alone takes options, received"),
        (["--workers", "0"], "--workers: expected an integer ≥ 1, received 0."),
        (["--executor", "dask://127.0.0.1:9", "--workers", "2"], "--workers: expected none with Dask"),
        (["--rounds", "0"], "--rounds: expected an integer ≥ 1, received 0."),
    ],
)
def test_what_cannot_work_is_one_line(refused, arguments, message):
    assert refused(*arguments).startswith(f"Error: {message}")


def test_no_plan_and_a_damaged_one_are_one_line(refused, cache):
    (cache / "plan.json").write_text('{"schema": 2}')
    assert "plan.json: expected a plan, received KeyError" in refused(code=1)
    (cache / "plan.json").write_text('{"schema": 7}')
    assert "plan.json: expected schema 2, received 7." in refused(code=1)
    (cache / "plan.json").unlink()
    assert refused() == (
        "Error: --cache: expected a folder that holds plan.json; `pytest claims/ --study-plan` writes it, "
        f"received {str(cache)!r}."
    )


def test_a_plan_of_other_code_is_refused(refused, cache):
    path = cache / "plan.json"
    content = json.loads(path.read_text())
    content["tasks"][0]["key"] = "0" * 64
    path.write_text(json.dumps(content))
    assert refused().startswith("Error: plan: expected a plan made with the present code, data and versions:")
