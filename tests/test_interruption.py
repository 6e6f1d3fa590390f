"""Ctrl-C while a block trains, as a terminal sends it: to the whole group of processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest


@pytest.mark.framework
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is no signal to a group of processes there")
def test_ctrl_c_keeps_what_is_trained(small_study, tmp_path):
    folder = small_study(tmp_path / "endless")
    claim = folder / "test_small.py"
    # The second VAE would train for weeks.
    text = claim.read_text().replace('"max_epochs": (2,)', '"max_epochs": (2, 10**9)').replace("(1000.0,)", "(1e-12,)")
    claim.write_text(text.replace('"kl_weight": (0.5, 1.0)', '"kl_weight": (1.0,)'))
    # A shell's background job ignores Ctrl-C, and so do its children unless they are told otherwise.
    heed = "import signal, sys, pytest; signal.signal(signal.SIGINT, signal.default_int_handler); "
    options = ["-p", "no:cacheprovider", "-k", "total_correlation"]
    command = [sys.executable, "-c", heed + "sys.exit(pytest.main(sys.argv[1:]))", *options]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        trained = wait_for(lambda: list(folder.glob(".study-cache/*/*/structure-*")), process)
        os.killpg(process.pid, signal.SIGINT)
        output, _ = process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert process.returncode == pytest.ExitCode.INTERRUPTED, output
    assert "KeyboardInterrupt" in output
    (measured,) = trained
    kinds = {path.name.split("-")[0] for path in measured.parent.iterdir()}
    assert kinds == {"weights", "training", "posterior", "structure", "lock"}
    assert not list((folder / ".study-cache").rglob(".*"))  # no half-written file


def wait_for(condition, process):
    for _ in range(1200):
        if found := condition():
            return found
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.1)
    raise TimeoutError
