"""What a run survives: workers that are killed, Ctrl-C, and another run beside it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress

import pytest

from study.testing import Example

pytestmark = [
    pytest.mark.framework,
    pytest.mark.skipif(sys.platform == "win32", reason="there are neither SIGKILL nor groups of processes there"),
]
psutil = pytest.importorskip("psutil")
pytest.importorskip("distributed")

CLAIM = '''
"""Claim: the rate of a small VAE is positive."""

import pytest
from hypothesis import given

from study.design.claim import Claim, Estimand
from study.design.contexts import Context

CLAIM = Claim(
    id="small", statement="", source="", chapter="", parameters={"measure": ("rate", "kl_percentile")},
    estimand=lambda measure: Estimand(0.0, "nats"),
    design=[
        Context.of(kl_weight=weight, latent_dim=dimension, width=4, epochs=EPOCHS)
        for weight in (0.5, 1.0, 2.0, 4.0)
        for dimension in (1, 2)
    ],
)


@pytest.mark.parametrize("measure", CLAIM.parameters["measure"])
@given(context=CLAIM.contexts())
def test_small(lab, measure, context):
    lab.observe(CLAIM, lab.run(context).value(measure))
'''
# A shell's background job ignores Ctrl-C, and so do its children unless they are told otherwise.
HEED = "import signal, sys, pytest; signal.signal(signal.SIGINT, signal.default_int_handler); "
BLOCKS = 8
SECONDS = 120
DONE = "2 passed"
STOPPING = "study: stopping, which takes seconds; what is trained is kept\n"
GOES_ON = (
    "study: {kept} VAEs of this run are kept; "
    r"go on: KERAS_BACKEND=\w+ pytest -p no:cacheprovider --study-workers {workers}\n"
)


def project(folder, epochs=200):
    return Example({"claims/test_small.py": CLAIM.replace("EPOCHS", str(epochs))}, folder=folder).folder


@contextmanager
def running(folder, *options, workers=2):
    """Run pytest in a process of its own, and end it whatever happens."""
    command = [sys.executable, "-c", HEED + "sys.exit(pytest.main(sys.argv[1:]))", "-p", "no:cacheprovider"]
    process = subprocess.Popen(
        [*command, "--study-workers", str(workers), *options],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


def press(process):
    """Press Ctrl-C again and again, until a process has ended, whatever it is at."""
    end = time.monotonic() + SECONDS
    while process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT if time.monotonic() < end else signal.SIGKILL)
        time.sleep(0.05)


def ended(process):
    output, _ = process.communicate(timeout=SECONDS)
    return output


def workers_of(process):
    """Return the processes that train; there are no others that use the processor's time."""
    with suppress(psutil.NoSuchProcess):
        children = psutil.Process(process.pid).children(recursive=True)
        return [child for child in children if "spawn_main" in " ".join(child.cmdline())]
    return []


def training(process):
    """Return those that have imported what they train with."""
    with suppress(psutil.NoSuchProcess):
        return [one for one in workers_of(process) if one.memory_info().rss > 300 * 2**20]
    return []


def weights(folder):
    return list(folder.glob(".study-cache/*/*/weights.safetensors"))


def until(condition, process):
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if found := condition():
            return found
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.05)
    raise TimeoutError


def evidence(folder):
    (path,) = folder.glob("results/local/quick/*/small.json")
    return path.read_bytes()


def manifest(folder):
    (path,) = folder.glob("results/local/quick/*/manifest.json")
    return json.loads(path.read_text())


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The folders of two runs at once, of one process each and with one cache, to which nothing else happened."""
    one, other = (project(tmp_path_factory.mktemp(name)) for name in ("one", "other"))
    cache = ("--study-cache", str(one / ".study-cache"))
    with running(one, *cache, workers=1) as first, running(other, *cache, workers=1) as second:
        outputs = [ended(first), ended(second)]
    assert all(DONE in output for output in outputs), outputs
    return one, other


def test_two_runs_on_one_cache_train_nothing_twice(undisturbed):
    trained = [manifest(folder)["trained"] for folder in undisturbed]
    assert sum(trained) == 8 * BLOCKS
    assert evidence(undisturbed[0]) == evidence(undisturbed[1])


def test_killed_workers_and_ctrl_c_change_no_byte_of_the_evidence(undisturbed, tmp_path):
    folder = project(tmp_path)
    with running(folder) as process:
        until(lambda: weights(folder), process)
        first = workers_of(process)
        first[0].kill()
        until(lambda: len(weights(folder)) > 2, process)
        workers = until(lambda: len(found := workers_of(process)) == 2 and found, process)
        assert set(workers) != set(first)  # one that was replaced is as deaf to Ctrl-C as the first ones
        began = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        output = ended(process)
        assert time.monotonic() - began < 15
    assert process.returncode == pytest.ExitCode.INTERRUPTED, output
    _, alive = psutil.wait_procs(workers, timeout=3)
    assert not alive
    check_silent(output)
    kept = 8 * len(list(folder.glob(".study-cache/*/*/training.json")))
    assert re.search(GOES_ON.format(kept=kept, workers=2), output), output

    with running(folder) as process:
        for worker in until(lambda: training(process), process):
            worker.kill()
        output = ended(process)
    assert DONE in output, output
    check_silent(output)
    assert evidence(folder) == evidence(undisturbed[0])
    assert manifest(folder)["trained"] == 8 * BLOCKS - kept
    assert manifest(folder)["trained"] + manifest(folder)["recalled"] == 2 * 8 * BLOCKS


def test_ctrl_c_is_answered_at_once_and_pressed_again_changes_nothing(tmp_path):
    """Ending workers takes seconds: the run says so before, and whoever presses again gets the same closing words."""
    folder = project(tmp_path)
    with running(folder) as process:
        until(lambda: weights(folder), process)
        workers = workers_of(process)
        os.killpg(process.pid, signal.SIGINT)
        output, pressing = "", threading.Thread(target=press, args=(process,))
        for line in process.stdout:
            output += line
            if line == STOPPING:
                pressing.start()
        pressing.join()
    assert process.returncode == pytest.ExitCode.INTERRUPTED, output
    check_silent(output)
    kept = 8 * len(list(folder.glob(".study-cache/*/*/training.json")))
    assert re.search(GOES_ON.format(kept=kept, workers=2), output), output
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert not alive


def test_ctrl_c_in_a_single_process_keeps_what_is_trained(tmp_path):
    folder = project(tmp_path)
    with running(folder, workers=1) as process:
        until(lambda: weights(folder), process)
        os.killpg(process.pid, signal.SIGINT)
        output = ended(process)
    assert process.returncode == pytest.ExitCode.INTERRUPTED, output
    kept = 8 * len(list(folder.glob(".study-cache/*/*/training.json")))
    assert re.search(GOES_ON.format(kept=kept, workers=1), output), output
    assert not [path for path in (folder / ".study-cache").rglob(".*") if path.is_file()]  # no half-written file


def check_silent(output):
    assert not [line for line in output.splitlines() if "Traceback" in line or "distributed" in line], output
