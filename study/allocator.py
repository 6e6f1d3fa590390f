"""Keep the memory that a step frees for the next one."""

from __future__ import annotations

import ctypes
import platform

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Parameters of ``mallopt``, as ``malloc.h`` numbers them."""
KEPT = 2**30
"""Free bytes at the heap's end from which they go back to the system."""
FROM_HEAP = 32 * 2**20
"""Bytes up to which an array comes from the heap: the most that glibc accepts on 64 bits."""


def keep_freed() -> bool:
    """Tell glibc to hand freed memory to the next step, not to the system; return whether there is a glibc to tell.

    A step frees arrays that the next one needs again. Where each is mapped anew, the kernel zeroes its pages every
    time. glibc finds its thresholds as it goes, but only while nobody has set one, which Dask does in its workers
    (``MALLOC_TRIM_THRESHOLD_``).

    Source:
        mallopt(3), on ``M_TRIM_THRESHOLD`` and ``M_MMAP_THRESHOLD``.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    # A size refused, as 32 MiB is on 32 bits, leaves things as they were.
    return all([mallopt(_M_TRIM_THRESHOLD, KEPT), mallopt(_M_MMAP_THRESHOLD, FROM_HEAP)])
