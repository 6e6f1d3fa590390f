"""The nodes of a Slurm cluster, by submitit: every unit is a job."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from study.errors import InvalidValue
from study.lab.cluster.unit import Job, Outcome, Unit, work

POLL = {"slurm": 10.0, "local": 0.2}
"""Seconds between two looks at the jobs, by kind of cluster: Slurm's accounting is to be spared."""


DEFAULTS = {"name": "study", "cpus_per_task": 1, "timeout_min": 240}
"""What a job is given unless the user says otherwise; one that runs out of time goes on in another."""


class Resumable:
    """A unit of work that Slurm may preempt, or end at its time limit: it is queued again, and goes on."""

    def __call__(self, job: Job, unit: Unit) -> list[Outcome] | InvalidValue:
        """Do the unit."""
        return work(job, unit)

    def checkpoint(self, job: Job, unit: Unit) -> Any:
        """Return what is to be queued again: the unit, whose finished blocks are in the cache."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self, job, unit)


class SlurmPool:
    """Jobs of a Slurm cluster; each waits in the queue, and imports the framework anew."""

    least = 600.0

    def __init__(self, folder: Path, workers: int, options: Mapping[str, Any], cluster: str = "slurm") -> None:
        """Find the cluster.

        Args:
            folder: Shared folder for the jobs' logs and results.
            workers: Jobs in the queue at once.
            options: What submitit is told of every job, e.g. ``{"slurm_partition": "gpu", "timeout_min": 120}``.
            cluster: ``slurm``, or ``local`` for processes of this machine that stand in for it.

        Raises:
            InvalidValue: submitit is not installed, Slurm is not found, or an option is unknown.
        """
        if workers < 1:
            raise InvalidValue("--workers", workers, "an integer ≥ 1")
        try:
            import submitit
        except ImportError as error:
            expected = "the package submitit; pip install 'vae-claims[slurm]' adds it"
            raise InvalidValue("--executor", "slurm", expected) from error
        self.errors: Any = submitit.core.utils
        self.workers = workers
        self.poll = POLL[cluster]
        try:
            self.executor: Any = submitit.AutoExecutor(folder=folder, cluster=cluster)
        except RuntimeError as error:
            raise InvalidValue("--executor", "slurm", "a machine on which Slurm's srun is found") from error
        try:
            self.executor.update_parameters(**DEFAULTS | dict(options))
        except (NameError, TypeError, ValueError, AssertionError) as error:
            received = ", ".join(f"{name}={value}" for name, value in options.items())
            raise InvalidValue("--option", received, f"parameters of submitit's AutoExecutor ({error})") from error

    def slots(self) -> int:
        """Return how many jobs may be queued at once."""
        return self.workers

    def submit(self, job: Job, unit: Unit) -> Any:
        """Queue a unit as a job."""
        try:
            return self.executor.submit(Resumable(), job, unit)
        except RuntimeError as error:
            raise InvalidValue("--executor", str(error), "a Slurm cluster that takes the jobs") from error

    def wait(self, futures: Collection[Any]) -> list[Any]:
        """Look which jobs are done, after a while."""
        done = [future for future in futures if future.done()]
        if not done:
            time.sleep(self.poll)
        return done

    def lost(self, error: BaseException) -> bool:
        """Say whether a job ended and left no result; one whose function raised did leave one."""
        return isinstance(error, self.errors.UncompletedJobError) and not isinstance(error, self.errors.FailedJobError)

    def close(self) -> None:
        """Nothing is kept."""
