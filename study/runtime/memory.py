"""Keep the memory that a step frees for the next one, and give back what a whole training leaves."""

from __future__ import annotations

import ctypes
import platform

KEPT = 2**30
"""Free bytes at the heap's end from which they go back to the system."""
SETTINGS = {
    -1: KEPT,  # M_TRIM_THRESHOLD
    -4: 0,  # M_MMAP_MAX: no array is mapped alone, however large
    -8: 1,  # M_ARENA_MAX: the heaps of single threads are small, and are unmapped as soon as they are empty
}
"""Parameters of ``mallopt``, as ``malloc.h`` numbers them, and their values."""


def keep_freed() -> bool:
    """Tell glibc to hand freed memory to the next step, not to the system; return whether there is a glibc to tell.

    A step frees arrays that the next one needs again. Where each is mapped anew, the kernel zeroes its pages every
    time. On TensorFlow that took a third of a step of small VAEs; on JAX and torch glibc finds thresholds that serve by
    itself, but only while nobody has set one, as Dask does in its workers (``MALLOC_TRIM_THRESHOLD_``).

    Source:
        mallopt(3).
    """
    glibc = _glibc()
    return glibc is not None and all(glibc.mallopt(parameter, value) for parameter, value in SETTINGS.items())


def give_back() -> bool:
    """Tell glibc to hand all free pages to the system; return whether there is a glibc to tell.

    What one training freed lies in pieces, beside which the next one would take fresh pages.

    Source:
        malloc_trim(3).
    """
    glibc = _glibc()
    if glibc is not None:
        glibc.malloc_trim(0)
    return glibc is not None


def _glibc() -> ctypes.CDLL | None:
    """The C library, if it is glibc."""
    return ctypes.CDLL(None) if platform.libc_ver()[0] == "glibc" else None
