"""Slurm jobs, by submitit; its processes of this machine stand in for a cluster's."""

from __future__ import annotations

import pickle
from contextlib import closing

import pytest

from study.errors import InvalidValue
from study.lab.cluster import slurm
from study.lab.cluster.rounds import train
from study.lab.cluster.slurm import Resumable, SlurmPool

submitit = pytest.importorskip("submitit")


@pytest.mark.framework
def test_jobs_leave_what_processes_of_this_machine_leave(tiny_plan, contents, trained_here, tmp_path):
    bench, plan = tiny_plan(tmp_path / "cache")
    with closing(SlurmPool(bench.cache / "slurm", 1, {}, cluster="local")) as pool:
        done = train(plan, bench, pool)
    assert (done.trained, done.recalled) == (6, 0)
    assert contents(bench.cache) == trained_here


def test_a_job_that_is_preempted_goes_on(monkeypatch):
    """Slurm's signal makes submitit ask for what is to be queued again: the same unit."""
    monkeypatch.setattr(slurm, "work", lambda job, unit: [job, unit])
    delayed = pickle.loads(pickle.dumps(Resumable())).checkpoint("job", "unit")
    assert delayed.result() == ["job", "unit"]


def test_a_job_without_a_result_is_lost_and_one_that_raised_is_not(tmp_path):
    pool = SlurmPool(tmp_path, 1, {}, cluster="local")
    assert pool.lost(pool.errors.UncompletedJobError())
    assert not pool.lost(pool.errors.FailedJobError())
    assert not pool.lost(ValueError())
    assert pool.slots() == 1


@pytest.mark.parametrize(
    ("workers", "options", "message"),
    [
        (0, {}, "^--workers: expected an integer ≥ 1, received 0"),
        (1, {"slurm_colour": "red"}, "^--option: expected parameters of submitit's AutoExecutor .*'slurm_colour=red'"),
        (1, {"timeout_min": "long"}, "^--option: expected parameters of .*, received 'timeout_min=long'"),
    ],
)
def test_what_slurm_cannot_be_told_is_one_error(tmp_path, workers, options, message):
    with pytest.raises(InvalidValue, match=f"(?s){message}"):
        SlurmPool(tmp_path, workers, options, cluster="local")


def test_a_cluster_that_takes_no_job_is_one_error(tmp_path, monkeypatch):
    pool = SlurmPool(tmp_path, 1, {}, cluster="local")

    def refuse(*arguments):
        raise submitit.core.utils.FailedJobError("sbatch: error: invalid partition")

    monkeypatch.setattr(pool.executor, "submit", refuse)
    with pytest.raises(
        InvalidValue, match=r"^--executor: expected a Slurm cluster that takes the jobs, received 'sbatch"
    ):
        pool.submit(None, None)
