"""A real Dask scheduler and real workers: one is killed in the middle, one comes late, all ends alike."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, closing

import pytest

from study.errors import InvalidValue
from study.lab.cluster.dask import DaskPool
from study.lab.cluster.rounds import train
from study.lab.cluster.unit import units

distributed = pytest.importorskip("distributed")


class Cluster:
    """A scheduler, and workers by name; all are processes of their own."""

    def __init__(self, folder, stack):
        self.folder, self.stack, self.workers = folder, stack, {}
        file = folder / "scheduler.json"
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file), "--no-dashboard")
        wait_for(file.exists)
        self.address = wait_for(lambda: json.loads(file.read_text() or "{}").get("address"))

    def add(self, name, *arguments):
        arguments = arguments or ("--nthreads", "1")
        self.workers[name] = self._start(
            "worker", self.address, "--name", name, "--no-nanny", "--no-dashboard", *arguments
        )

    def _start(self, *arguments):
        log = self.stack.enter_context((self.folder / f"{arguments[0]}-{len(self.workers)}.log").open("w"))
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments], cwd=self.folder, stdout=log, stderr=subprocess.STDOUT
        )
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        return process

    def pool(self):
        return self.stack.enter_context(closing(DaskPool(self.address.removeprefix("tcp://"))))


@pytest.fixture
def cluster(tmp_path):
    with ExitStack() as stack:
        yield Cluster(tmp_path, stack)


def wait_for(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.01)
    raise TimeoutError


def identities(cache, kind):
    """Which file each block has: another training would have published another one."""
    return {path.parent.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in cache.glob(f"??/*/{kind}-*")}


@pytest.mark.framework
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL there")
def test_workers_die_and_come_and_the_outcome_is_the_same(cluster, tiny_plan, contents, trained_here, tmp_path):
    for name in ("first", "second"):
        cluster.add(name)
    bench, plan = tiny_plan(tmp_path / "cache")
    pool = cluster.pool()
    wait_for(lambda: pool.slots() == 2)
    keys = {unit.digest: unit.tasks[0].key for unit in units(plan.tasks, 2)}
    assert len(keys) == 6  # a unit for each block
    before, told = {}, []

    def kill_the_first():
        """As soon as it is in the middle of a block, another one having been trained before."""
        (address,) = [a for a, w in pool.client.scheduler_info(n_workers=-1)["workers"].items() if w["name"] == "first"]

        def in_the_middle():
            for key in pool.client.processing([address])[address]:
                block = keys[key.rpartition("-")[2]]
                kinds = {path.name.split("-")[0] for path in (bench.cache / block[:2] / block).glob("*")}
                if told and "lock" in kinds and "training" not in kinds:
                    return True
            return False

        wait_for(in_the_middle)
        os.kill(cluster.workers["first"].pid, signal.SIGKILL)
        before.update(identities(bench.cache, "training"))
        cluster.add("third")

    killer = threading.Thread(target=kill_the_first)
    killer.start()
    done = train(plan, bench, pool, lambda *numbers: told.append(numbers))
    killer.join()
    assert cluster.workers["first"].wait() == -signal.SIGKILL
    # Nothing is lost, nothing is trained again that was trained, and the bytes are those of this machine alone.
    assert (done.trained, done.recalled) == (6, 0)
    after = identities(bench.cache, "training")
    assert before
    assert {key: after[key] for key in before} == before
    assert contents(bench.cache) == trained_here
    wait_for(lambda: pool.slots() == 2)
    again = train(plan, bench, pool)
    assert (again.trained, again.recalled) == (0, 6)
    assert not list(bench.cache.glob("probe-*"))


def test_workers_of_several_threads_are_refused(cluster):
    cluster.add("broad", "--nthreads", "2")
    client = cluster.stack.enter_context(closing(distributed.Client(cluster.address, set_as_default=False)))
    wait_for(client.nthreads)
    with pytest.raises(
        InvalidValue, match=r"^--executor: expected workers of one thread: .*received '2 threads in tcp"
    ):
        cluster.pool()


def test_a_scheduler_that_goes_is_one_error(cluster):
    pool = cluster.pool()
    assert pool.slots() == 0
    assert pool.wait([]) == []
    pool.client.close()
    with pytest.raises(
        InvalidValue, match=r"^--executor: expected a scheduler that goes on answering; what is trained"
    ):
        pool.slots()
