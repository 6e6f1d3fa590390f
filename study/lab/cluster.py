"""Dask workers: processes of this machine, one thread each, or whoever works for an external scheduler."""

from __future__ import annotations

import logging
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from study.errors import InvalidValue, StudyError
from study.runtime import backends
from study.runtime.threads import environment

if TYPE_CHECKING:
    from distributed import Client

    from study.lab.artefacts import Setting

START = 30.0
"""Seconds within which the workers of this machine must have started."""
PATIENCE = 10
"""Seconds that an external scheduler has to answer."""
LOOPBACK = "127.0.0.1"
UNSEEN = {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
"""Environment of a worker that must not see the GPU."""
SETTINGS = {
    "distributed.scheduler.allowed-failures": 3,
    # Else a death also charges the unit that is queued behind.
    "distributed.scheduler.worker-saturation": 1.0,
    # Else every process that is started later gives freed memory back at once, and trains 1.3 to 1.6 times slower.
    "distributed.nanny.pre-spawn-environ": {},
    "distributed.comm.timeouts.connect": "10s",
}


class NoWorkers(StudyError):
    """The workers of this machine did not start."""


@dataclass(frozen=True)
class Workers:
    """Workers that units can be submitted to.

    Attributes:
        client: The Dask client.
        close: Ends them, or leaves those of an external scheduler alone; takes seconds.
        gpu: Whether one of them trains on a GPU, and the others measure.
    """

    client: Client
    close: Callable[[], None]
    gpu: bool = False


@lru_cache
def gpu_found(backend: str) -> bool:
    """Say whether a backend would train on a GPU; asks it only where there is a driver."""
    if shutil.which("nvidia-smi") is None:
        return False
    device = backends.device(backend)
    return device != "cpu" and not device.startswith("unknown")


def local(setting: Setting, count: int, *, gpu: bool = False) -> Workers:
    """Start worker processes of this machine, which end with this process, however it ends.

    Args:
        setting: What they train; they are told before they import a framework.
        count: How many of them.
        gpu: Whether one more trains on the GPU, which the others do not see.

    Raises:
        NoWorkers: They have not started within :data:`START` seconds.
    """
    found: list[Workers] = []
    failed: list[BaseException] = []

    def start() -> None:
        try:
            found.append(_started(setting, count, gpu=gpu))
        except BaseException as error:  # of whatever kind: it is told where it can be
            failed.append(error)

    # In a thread, since a machine without a loopback device would wait for ever.
    starting = threading.Thread(target=start, name="study-workers", daemon=True)
    with _deaf_to_interrupts():
        starting.start()
        starting.join(START)
    if not found:
        raise NoWorkers(str(failed[0]) if failed else f"no answer within {START:g} s")
    return found[0]


def _started(setting: Setting, count: int, *, gpu: bool) -> Workers:
    import dask
    from distributed import Client, Nanny, Scheduler, SpecCluster

    told = environment(setting.backend, setting.precision) | {"DASK_LOGGING__DISTRIBUTED": "critical"}
    common = {"nthreads": 1, "host": LOOPBACK, "memory_limit": 0, "dashboard_address": f"{LOOPBACK}:0"}

    def worker(role: str, env: dict[str, str]) -> dict[str, object]:
        options = {**common, "env": env, "resources": {role: 1}, "silence_logs": logging.CRITICAL}
        return {"cls": Nanny, "options": options}

    specification = {f"cpu-{i}": worker("CPU", told | UNSEEN if gpu else told) for i in range(count)}
    if gpu:
        specification["gpu"] = worker("GPU", told)
    scheduler = {"cls": Scheduler, "options": {"host": LOOPBACK, "port": 0, "dashboard_address": f"{LOOPBACK}:0"}}
    with dask.config.set(SETTINGS):
        silence()
        cluster = SpecCluster(workers=specification, scheduler=scheduler, silence_logs=logging.CRITICAL)
        silence()
        client = Client(cluster, timeout=START, set_as_default=False)

    def close() -> None:
        with _quietly():
            client.close(timeout=2)
        with _quietly():
            cluster.close(timeout=5)

    return Workers(client, close, gpu)


def external(where: str) -> Workers:
    """Connect to a scheduler that the user started.

    Args:
        where: ``dask://HOST:PORT``, or the path of a scheduler file.

    Raises:
        InvalidValue: Dask is not installed, nothing answers there, or a worker has several threads.
    """
    try:
        from distributed import Client
    except ImportError as error:
        expected = "the package distributed; pip install 'vae-claims[jax]' (or another backend's extra) adds it"
        raise InvalidValue("--study-workers", where, expected) from error
    silence()
    try:
        if where.startswith("dask://"):
            client = Client(f"tcp://{where.removeprefix('dask://')}", timeout=PATIENCE, set_as_default=False)
        else:
            client = Client(scheduler_file=where, timeout=PATIENCE, set_as_default=False)
        threads = {name: number for name, number in client.nthreads().items() if number != 1}
    except (OSError, TimeoutError, ValueError) as error:
        expected = "dask://HOST:PORT, or the file, of a scheduler that answers; `dask scheduler` starts one"
        raise InvalidValue("--study-workers", where, expected) from error
    if threads:
        client.close(timeout=2)
        name, number = next(iter(threads.items()))
        expected = "workers of one thread: `dask worker … --nthreads 1`"
        raise InvalidValue("--study-workers", f"{number} threads in {name}", expected)

    def close() -> None:
        with _quietly():
            client.close(timeout=2)

    return Workers(client, close)


def checked(text: str) -> int | str:
    """Read what a user says of workers: a number, ``dask://HOST:PORT``, or the path of a scheduler file.

    Raises:
        InvalidValue: It is none of these.
    """
    if text.isdigit() and int(text) >= 1:
        return int(text)
    host, _, port = text.removeprefix("dask://").rpartition(":")
    if (text.startswith("dask://") and host and port.isdigit()) or Path(text).is_file():
        return text
    raise InvalidValue("--study-workers", text, "a number ≥ 1, dask://HOST:PORT, or the path of a scheduler file")


def silence() -> None:
    """Keep Dask's own messages from the user: what matters of them is said as a result or an error of ours."""
    for name in ("distributed", "distributed.nanny", "distributed.worker", "distributed.scheduler", "tornado"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Ignore Ctrl-C while processes are started, which inherit that: else each would print a traceback of its own."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _quietly() -> Iterator[None]:
    """Let nothing that goes wrong while workers are ended hide what ended the run."""
    try:
        yield
    except Exception:
        logging.getLogger(__name__).debug("while ending workers", exc_info=True)
