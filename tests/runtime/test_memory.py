"""Memory freed is used again, even where the environment says that it should go back to the system."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from study.runtime.memory import give_back, keep_freed

FAULTS = """
import resource, sys
if sys.argv[1] == "kept":
    from study.runtime.memory import keep_freed
    assert keep_freed()
size = int(sys.argv[2])
bytearray(size)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(100):
    bytearray(size)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""

glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library here is not glibc")


@glibc
@pytest.mark.parametrize("mib", [1, 48])
def test_freed_memory_is_used_again_as_in_a_worker_of_dask(mib):
    environment = os.environ | {"MALLOC_TRIM_THRESHOLD_": "65536"}

    def faults(how):
        command = [sys.executable, "-c", FAULTS, how, str(mib * 2**20)]
        return int(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)

    # Every page anew, of 4 KiB or larger, or hardly any: without the first the second would say nothing.
    assert faults("handed back") > 100 * 20
    assert faults("kept") < 100 * 2


RESIDENT = """
import sys
from pathlib import Path
from study.runtime.memory import give_back, keep_freed
keep_freed()
resident = lambda: int(Path("/proc/self/statm").read_text().split()[1]) * 4 // 1024
pieces = [bytearray(2**20) for _ in range(200)]
kept = pieces[::20]
before = resident()
del pieces
freed = resident()
assert give_back()
print(before, freed, resident())
"""


@glibc
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no /proc here")
def test_pieces_between_memory_in_use_are_given_back():
    done = subprocess.run([sys.executable, "-c", RESIDENT], capture_output=True, text=True, check=True)
    before, freed, after = map(int, done.stdout.split())
    assert before - freed < 20  # MiB: freed alone, they stay
    assert 150 < before - after < 200  # ten pieces are in use


@glibc
def test_it_may_be_said_again():
    assert keep_freed()
    assert keep_freed()


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    monkeypatch.setattr("ctypes.CDLL", None)
    assert not keep_freed()
    assert not give_back()
