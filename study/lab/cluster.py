"""Dask workers: processes of this machine, one thread each, or whoever works for an external scheduler."""

from __future__ import annotations

import json
import logging
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import resource_tracker
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from study.errors import InvalidValue, StudyError
from study.runtime import backends
from study.runtime.options import is_count
from study.runtime.threads import environment

if TYPE_CHECKING:
    from distributed import Client

    from study.lab.artefacts import Setting

MOST = 1_024
"""Greatest number of workers of this machine."""
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
    # Else a machine on which none comes back is waited for without end; one that is replaced takes seconds.
    "distributed.scheduler.no-workers-timeout": "120s",
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
    found: SimpleQueue[Workers | Exception] = SimpleQueue()
    given_up = threading.Event()

    def start() -> None:
        if hasattr(signal, "pthread_sigmask"):
            # Processes inherit this, later ones too: else each would print a traceback of its own at Ctrl-C.
            resource_tracker.ensure_running()  # else the first process starts it, and ends with another mask
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            workers = _started(setting, count, gpu=gpu)
        except Exception as error:  # of whatever kind: it is told where it can be
            found.put(error)
            return
        found.put(workers)
        if given_up.is_set():
            workers.close()

    # In a thread, since a machine without a loopback device would wait for ever.
    threading.Thread(target=start, name="study-workers", daemon=True).start()
    try:
        outcome = found.get(timeout=START)
    except BaseException as error:  # Ctrl-C, too: whatever comes up later is ended
        given_up.set()
        with suppress(Empty):
            if isinstance(late := found.get_nowait(), Workers):
                late.close()
        if isinstance(error, Empty):
            raise NoWorkers(f"no answer within {START:g} s") from None
        raise
    if isinstance(outcome, ImportError):
        raise outcome
    if isinstance(outcome, Exception):
        raise NoWorkers(str(outcome) or type(outcome).__name__) from outcome
    return outcome


def _started(setting: Setting, count: int, *, gpu: bool) -> Workers:
    import dask
    from distributed import Client, Nanny, Scheduler, SpecCluster

    told = environment(setting.backend, setting.precision) | {"DASK_LOGGING__DISTRIBUTED": "critical"}
    common = {"nthreads": 1, "host": LOOPBACK, "memory_limit": 0, "dashboard_address": f"{LOOPBACK}:0"}

    def nanny(*arguments: Any, **options: Any) -> Nanny:
        one = Nanny(*arguments, **options)
        one.pre_spawn_env = {}  # which it would set in this process, whenever it starts one
        return one

    def worker(role: str, env: dict[str, str]) -> dict[str, object]:
        options = {**common, "env": env, "resources": {role: 1}, "silence_logs": logging.CRITICAL}
        return {"cls": nanny, "options": options}

    specification = {f"cpu-{i}": worker("CPU", told | UNSEEN if gpu else told) for i in range(count)}
    if gpu:
        specification["gpu"] = worker("GPU", told)
    scheduler = {"cls": Scheduler, "options": {"host": LOOPBACK, "port": 0, "dashboard_address": f"{LOOPBACK}:0"}}
    with dask.config.set(SETTINGS):
        silence()
        cluster = SpecCluster(workers=specification, scheduler=scheduler, silence_logs=logging.CRITICAL)
        silence()
        try:
            client = Client(cluster, timeout=START, set_as_default=False)
        except BaseException:
            cluster.close(timeout=5)
            raise

    def close() -> None:
        with quietly():
            client.close(timeout=2)
        with quietly():
            cluster.close(timeout=5)

    return Workers(client, close, gpu)


def external(where: str) -> Workers:
    """Connect to a scheduler that the user started.

    Args:
        where: ``dask://HOST:PORT``, or the path of a scheduler file.

    Raises:
        InvalidValue: Dask is not installed, or nothing answers there.
    """
    try:
        from distributed import Client
    except ImportError as error:
        expected = "the package distributed; pip install 'vae-claims[jax]' (or another backend's extra) adds it"
        raise InvalidValue("--study-workers", where, expected) from error
    silence()
    try:
        if where.startswith("dask://"):
            address = f"tcp://{where.removeprefix('dask://')}"
        else:
            address = json.loads(Path(where).read_bytes())["address"]
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError, KeyError, TypeError) as error:
        expected = "dask://HOST:PORT, or the file, of a scheduler that answers; `dask scheduler` starts one"
        raise InvalidValue("--study-workers", where, expected) from error

    def close() -> None:
        with quietly():
            client.close(timeout=2)

    return Workers(client, close)


def checked(text: str) -> int | str:
    """Read what a user says of workers: a number, ``dask://HOST:PORT``, or the path of a scheduler file.

    Raises:
        InvalidValue: It is none of these.
    """
    if is_count(text, 1, MOST):
        return int(text)
    host, _, port = text.removeprefix("dask://").rpartition(":")
    with suppress(OSError):  # a path that the system does not take
        if (text.startswith("dask://") and host and port.isdecimal()) or Path(text).is_file():
            return text
    raise InvalidValue(
        "--study-workers", text, f"a number from 1 to {MOST:,}, dask://HOST:PORT, or the path of a scheduler file"
    )


def silence() -> None:
    """Keep Dask's own messages from the user: what matters of them is said as a result or an error of ours."""
    for name in ("distributed", "distributed.nanny", "distributed.worker", "distributed.scheduler", "tornado"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


@contextmanager
def quietly() -> Iterator[None]:
    """Let nothing that goes wrong while workers are ended hide what ended the run."""
    try:
        yield
    except Exception:
        logging.getLogger(__name__).debug("while ending workers", exc_info=True)
