"""Dask workers: of this machine, and of an external scheduler; what befalls them costs only their own blocks."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from study.errors import InvalidValue, StudyError, TrainingDiverged
from study.lab import cluster
from study.lab.artefacts import Block, Setting
from study.lab.run import Engine, Here, Remote, WorkerDied, WorkersLost
from study.lab.store import Store
from study.measures.registry import Measure
from study.vae.config import VAEConfig

SETTING = Setting("jax")
RATE = Measure.of("rate")


def everything(blocks, measures=(RATE,)):
    return {block: set(measures) for block in blocks}


# Dask workers, with planted work.


def work_planted(unit):
    """Train and measure in a moment; each block's index says what befalls its worker.

    1: dies at the first try. 2: dies whenever it is tried. 3: fails. 4: fails in a way that nobody else can read. 6: is
    slow.
    """
    import os
    import signal
    import time
    from pathlib import Path

    from distributed import get_worker

    from study.errors import TrainingDiverged
    from study.lab.store import Store
    from study.lab.work import Done
    from study.measures.tools.bracket import Bracket

    class Unreadable(Exception):
        def __reduce__(self):
            raise TypeError("cannot be pickled")

    store, done = Store(Path(unit.store)), []
    about = {"epochs": 1, "device": get_worker().name, "seconds": 1.0, "finite": [True] * 8, "run": unit.run}
    for task in unit.tasks:
        index, seen = task.block.index, store.root / f"seen-{task.block.index}"
        if index == 2 or (index == 1 and not seen.exists()):
            seen.parent.mkdir(exist_ok=True)
            seen.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(3 * (index == 6))
        if index == 4:
            raise Unreadable("planted")
        if index == 3:
            (store.root / f"failed-{get_worker().name}").touch()
            done.append(Done(task.block, error=TrainingDiverged("planted")))
            continue
        if store.status(task.block) is None:
            store.publish_training(task.block, {"w": np.zeros(8, np.float32)}, about)
        for measure in task.measures:
            store.publish_value(task.block, measure, Bracket(np.zeros(8), np.zeros(8)))
            (store.root / f"measured-{index}-{get_worker().name}").touch()
        done.append(Done(task.block, store.status(task.block).run == unit.run))
    return done


work_planted.__module__ = "__main__"  # pickled by value, then: workers cannot import this file


@pytest.fixture(scope="module")
def workers():
    """Two workers for measuring and one for training, as on a machine with a GPU."""
    pytest.importorskip("distributed")
    if sys.platform == "win32":
        pytest.skip("there is no SIGKILL there")
    before = os.environ.copy()
    found = cluster.local(SETTING, 2, gpu=True)
    yield found
    found.close()
    os.environ.clear()
    os.environ.update(before)


PATIENCE = 600
"""Seconds that a test waits for workers, on a machine that does other things as well."""


def within(seconds, workers):
    """Return what an engine calls every second while it waits; it ends the wait, and says who is there."""
    end = time.monotonic() + seconds

    def check(done, asked):
        if time.monotonic() > end:
            names = [one["name"] for one in workers.client.scheduler_info()["workers"].values()]
            raise TimeoutError(f"{done} of {asked} blocks after {seconds} s; the workers that are there: {names}")

    return check


@pytest.fixture
def remote(workers, tmp_path, monkeypatch):
    """Return an engine over these workers: ``remote(gpu=…)``."""
    monkeypatch.setattr("study.lab.run.work", work_planted)

    def make(gpu):
        engine = Engine(Store(tmp_path / "cache"), SETTING, 2, within(PATIENCE, workers))
        engine._pool = Remote(replace(workers, gpu=gpu, close=lambda: None))
        return engine

    return make


PLANTED = [Block(VAEConfig(), index, SETTING) for index in range(6)]


def test_a_wait_for_workers_has_an_end(remote, workers):
    engine, slow = remote(gpu=False), everything([Block(VAEConfig(), 6, SETTING)])
    engine.progress = within(0, workers)
    with pytest.raises(TimeoutError, match=r"0 of 1 blocks after 0 s; the workers that are there: \['"):
        engine.submit(slow)
    engine.progress = within(1, workers)
    with pytest.raises(TimeoutError, match=r"0 of 1 blocks after 1 s"):
        engine.wait(slow)
    engine.close()


@pytest.mark.parametrize("gpu", [False, True])
def test_a_block_that_kills_its_workers_fails_alone_and_one_that_lost_its_worker_is_done(remote, gpu):
    engine = remote(gpu)
    wanted = everything(PLANTED)
    if gpu:  # the one worker that trains takes a second to be replaced, and has all of them in one unit
        wanted = everything([PLANTED[i] for i in (0, 1, 3, 5)])
    engine.submit(wanted)
    engine.wait(everything([PLANTED[i] for i in (0, 1, 5)]))
    if not gpu:
        with pytest.raises(WorkerDied, match="each worker died that was at"):
            engine.wait({PLANTED[2]: {RATE}})
        with pytest.raises(StudyError, match=r"a worker cannot work: .*planted"):
            engine.wait({PLANTED[4]: {RATE}})
    with pytest.raises(TrainingDiverged, match="planted"):
        engine.wait({PLANTED[3]: {RATE}})
    assert engine.trained == {PLANTED[i] for i in (0, 1, 5)}
    assert (engine.pending, engine._done) == (0, engine._asked)
    engine.close()


def test_workers_that_never_come_back_are_not_waited_for_without_end(tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setitem(cluster.SETTINGS, "distributed.scheduler.no-workers-timeout", "1s")
    engine = Engine(Store(tmp_path / "cache"), SETTING, 1)
    engine._pool = Remote(cluster.local(SETTING, 1))
    engine._pool.workers.client.cluster.scale(0)
    while engine._pool.workers.client.scheduler_info()["workers"]:
        time.sleep(0.1)
    wanted = everything(PLANTED[:1])
    engine.submit(wanted)
    with pytest.raises(WorkersLost, match="no worker is left, and none comes up again; what is trained is kept"):
        engine.wait(wanted)
    engine.close()


def test_on_a_gpu_one_worker_trains_units_and_the_others_measure_block_by_block(remote, monkeypatch):
    engine = remote(gpu=True)
    good = [PLANTED[0], *(Block(VAEConfig(kl_weight=weight), 5, SETTING) for weight in (2.0, 3.0))]
    engine.submit(everything(good))
    assert len(engine._pool.sent) == 1  # one unit trains all three
    engine.wait(everything(good))
    assert {engine.store.status(block).device for block in good} == {"gpu"}
    measured = {path.name for path in engine.store.root.glob("measured-*")}
    assert measured <= {f"measured-{i}-cpu-{worker}" for i in (0, 5) for worker in (0, 1)}
    assert {name.split("-")[1] for name in measured} == {"0", "5"}
    assert engine.trained == set(good)


def test_on_a_gpu_a_block_that_fails_leaves_the_others_of_its_unit(remote):
    engine = remote(gpu=True)
    engine.submit(everything([PLANTED[0], PLANTED[3], PLANTED[5]]))
    engine.wait(everything([PLANTED[0], PLANTED[5]]))
    with pytest.raises(TrainingDiverged):
        engine.wait({PLANTED[3]: {RATE}})
    assert engine.trained == {PLANTED[0], PLANTED[5]}
    assert [path.name for path in engine.store.root.glob("failed-*")] == ["failed-gpu"]  # nobody is to measure it


def test_what_comes_first_is_done_first(remote):
    engine = remote(gpu=True)  # a single worker trains
    blocks = [Block(VAEConfig(latent_dim=1 + i), 0, SETTING) for i in range(8)]
    engine.submit(everything(blocks, ()))
    engine.wait(everything(blocks, ()))
    times = [(engine.store.folder(block) / "training.json").stat().st_mtime_ns for block in blocks]
    assert times == sorted(times)


# Workers of this machine.


def described():
    import os
    import signal

    names = ("OMP_NUM_THREADS", "KERAS_BACKEND", "CUDA_VISIBLE_DEVICES", "JAX_PLATFORMS", "MALLOC_TRIM_THRESHOLD_")
    deaf = signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])
    return {name: os.environ.get(name) for name in names} | {"deaf": deaf, "pid": os.getpid()}


described.__module__ = "__main__"


def test_workers_are_told_before_they_import_and_only_one_sees_the_gpu(workers):
    found = workers.client.run(described)
    roles = {info["name"]: info for info in workers.client.scheduler_info()["workers"].values()}
    assert sorted(roles) == ["cpu-0", "cpu-1", "gpu"]
    assert {info["nthreads"] for info in roles.values()} == {1}
    assert {info["memory_limit"] for info in roles.values()} <= {0, None}
    by_name = {info["name"]: found[address] for address, info in workers.client.scheduler_info()["workers"].items()}
    for name, told in by_name.items():
        assert (told["OMP_NUM_THREADS"], told["KERAS_BACKEND"], told["MALLOC_TRIM_THRESHOLD_"]) == ("1", "jax", None)
        assert (told["CUDA_VISIBLE_DEVICES"] == "") == (name != "gpu")
        assert (told["JAX_PLATFORMS"] == "cpu") == (name != "gpu")
        assert told["deaf"]


def test_nothing_listens_beyond_this_machine(workers):
    psutil = pytest.importorskip("psutil")
    me = psutil.Process()
    found = [c for one in (me, *me.children(recursive=True)) for c in one.net_connections() if c.status == "LISTEN"]
    assert len(found) >= 4
    assert {connection.laddr.ip for connection in found} == {"127.0.0.1"}


def test_a_second_session_starts_silently_beside_the_first_and_ends_within_seconds(workers, capfd, monkeypatch):
    psutil = pytest.importorskip("psutil")
    for name in ("PYTHONHASHSEED", "MALLOC_TRIM_THRESHOLD_"):
        monkeypatch.delenv(name, raising=False)
    me, before = psutil.Process(), os.environ.copy()
    running = set(me.children(recursive=True))
    began = time.monotonic()
    second = cluster.local(SETTING, 1)
    assert time.monotonic() - began < cluster.START / 2
    ours = set(me.children(recursive=True)) - running
    (told,) = second.client.run(described).values()
    os.kill(told["pid"], signal.SIGKILL)
    second.client.wait_for_workers(1, timeout=PATIENCE)
    began = time.monotonic()
    second.close()
    assert time.monotonic() - began < 10
    _, alive = psutil.wait_procs(ours, timeout=3)
    assert [one for one in alive if "resource_tracker" not in " ".join(one.cmdline())] == []
    assert {name for name in os.environ if os.environ[name] != before.get(name)} <= {"__DASK_PARENT_PID"}
    assert capfd.readouterr() == ("", "")
    assert workers.client.submit(int, "7", pure=False).result() == 7


@pytest.mark.parametrize("count", [1, 2])
def test_a_start_that_fails_is_one_note_and_this_process_trains(tmp_path, monkeypatch, count):
    monkeypatch.setattr(cluster, "_started", lambda *arguments, **options: 1 / 0)
    monkeypatch.setattr(cluster, "gpu_found", lambda backend: count == 1)
    engine = Engine(Store(tmp_path), SETTING, count)
    assert isinstance(engine._started(), Here)
    why = "no workers could be started (division by zero): this process trains alone"
    assert engine.notes == {"workers": why}


def test_a_missing_dask_is_one_note_that_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.setattr(cluster, "gpu_found", lambda backend: False)
    engine = Engine(Store(tmp_path), SETTING, 2)
    assert isinstance(engine._started(), Here)
    assert "Dask is not installed: pip install" in engine.notes["workers"]
    with pytest.raises(InvalidValue, match="--study-workers: expected the package distributed; pip install"):
        cluster.external("dask://127.0.0.1:1")


@pytest.fixture
def late(monkeypatch):
    """Workers that come after a second; whether they have been ended again."""
    ended = threading.Event()

    def start(*arguments, **options):
        time.sleep(1)
        return cluster.Workers(None, ended.set)

    monkeypatch.setattr(cluster, "_started", start)
    return ended


def test_a_start_that_takes_too_long_is_given_up_and_what_comes_later_is_ended(late, monkeypatch):
    monkeypatch.setattr(cluster, "START", 0.1)
    with pytest.raises(cluster.NoWorkers, match=r"no answer within 0\.1 s"):
        cluster.local(SETTING, 2)
    assert late.wait(5)


def test_ctrl_c_is_heeded_while_workers_start(late):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    main = threading.main_thread().ident
    timer = threading.Timer(0.1, lambda: signal.pthread_kill(main, signal.SIGINT))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            cluster.local(SETTING, 2)
    finally:
        signal.signal(signal.SIGINT, before)
    assert late.wait(5)


# What a user says of workers.


def test_what_a_user_may_say(tmp_path):
    file = tmp_path / "scheduler.json"
    file.touch()
    for text, read in (("3", 3), ("dask://a.b:8786", "dask://a.b:8786"), (str(file), str(file))):
        assert cluster.checked(text) == read
    for text in ("0", "-1", "many", "dask://", "dask://host", "dask://:8786", "tcp://a:1", str(tmp_path)):
        with pytest.raises(
            InvalidValue, match=r"^--study-workers: expected a number from 1 to 1,024, dask://HOST:PORT, or"
        ):
            cluster.checked(text)


@pytest.mark.parametrize("content", ["", "{}", '{"address": "tcp://127.0.0.1:1"}', None])
def test_no_scheduler_is_one_error_in_time(tmp_path, monkeypatch, content):
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    where = "dask://127.0.0.1:1"
    if content is not None:
        where = str(tmp_path / "scheduler.json")
        Path(where).write_text(content)
    engine = Engine(Store(tmp_path / "cache"), SETTING, where)
    began = time.monotonic()
    with pytest.raises(InvalidValue, match=r"^--study-workers: expected .* of a scheduler that answers; `dask"):
        engine.submit(everything(PLANTED))
    assert time.monotonic() - began < 5
    engine.close()
    assert not list((tmp_path / "cache").glob("probe-*"))
