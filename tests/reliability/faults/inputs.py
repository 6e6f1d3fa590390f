"""Bad input: cases that Hypothesis draws, counted one by one, in bounds of time and memory; and what is an answer."""

from __future__ import annotations

import math
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any
from unicodedata import category

import numpy as np
from hypothesis import HealthCheck, Phase, seed, settings

from faults.outcomes import Silent
from study.errors import InvalidValue, StudyError

CASES = 50
"""Cases of one trial."""
SECONDS = 10
"""Seconds that a case may take."""
MEMORY = 2**30
"""Bytes that a case may take."""
LONGEST = 5_000
"""Characters of an error that is still a clear one."""


class Refused:
    """The answer to bad input: one clear error."""

    def __init__(self, error: StudyError) -> None:
        self.error = error


class Unclear(AssertionError):
    """An error that does not say what is wrong, or says it with what a terminal would obey."""


def cases(property: Callable[..., None], count: int = CASES) -> Callable[..., None]:
    """Make a property of Hypothesis the test of a fault: the trial is its seed, and each of so many cases counts."""
    inner = property.hypothesis.inner_test  # type: ignore[attr-defined]
    # What fails is not shrunk: that takes minutes, and the seed repeats it.
    quiet = settings(
        max_examples=count,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )(property)

    def test(trial: int, record_property: Callable[[str, object], None]) -> None:
        tried = 0

        def counted(*args: object, **drawn: object) -> None:
            nonlocal tried
            tried += 1
            with bounded():
                inner(*args, **drawn)

        property.hypothesis.inner_test = counted  # type: ignore[attr-defined]
        try:
            seed(trial)(quiet)()
        finally:
            record_property("cases", tried)

    test.__name__, test.__doc__, test.__module__ = property.__name__, property.__doc__, property.__module__
    return test


@contextmanager
def bounded(seconds: float = SECONDS) -> Iterator[None]:
    """End a case that takes too long, or too much memory.

    Raises:
        Silent: It took too long.
        MemoryError: It asked for too much.
    """
    if sys.platform != "linux":
        yield
        return
    import resource

    def hang(*_: object) -> None:
        raise Silent(f"no answer within {seconds} s")

    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    before = signal.signal(signal.SIGALRM, hang)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def answered(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call an entry with whatever was drawn; return its answer, or that it refused.

    Raises:
        Unclear: It refused, without saying what and why.
        Exception: Any that is not one of the study's own comes from the depths.
    """
    try:
        return call(*args, **kwargs)
    except StudyError as error:
        check_clear(error)
        return Refused(error)


def check_clear(error: StudyError) -> None:
    """Read an error as a user does.

    Raises:
        Unclear: It does not name argument, value and expectation, is endless, or holds control characters.
    """
    said = str(error)
    if isinstance(error, InvalidValue) and not (error.argument and error.expected):
        raise Unclear(f"no argument, or no expectation: {said!r}")
    if "expected" not in said.lower() and "cannot be" not in said:
        raise Unclear(f"no expectation: {said!r}")
    check_printable(said)
    if len(said) > LONGEST:
        raise Unclear(f"{len(said)} characters: {said[:100]!r}")


def check_printable(said: str) -> None:
    """Look for characters that a terminal obeys, or that reorder what stands around them.

    Raises:
        Unclear: There is one.
    """
    if found := {mark for mark in said if not mark.isprintable() and mark != "\n" and category(mark) != "Zs"}:
        raise Unclear(f"raw {sorted(map(ascii, found))} in {said[:200]!r}")


def check_finite(value: object, name: str = "answer") -> None:
    """Look for NaN in an answer, however deep.

    Raises:
        Silent: There is one.
    """
    if isinstance(value, float) and math.isnan(value):
        raise Silent(f"{name} is NaN")
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and np.isnan(value).any():
        raise Silent(f"{name} holds NaN")
    if is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            check_finite(getattr(value, part.name), f"{name}.{part.name}")
    elif isinstance(value, dict):
        for key, one in value.items():
            check_finite(one, f"{name}[{key!r}]")
    elif isinstance(value, tuple | list):
        for index, one in enumerate(value):
            check_finite(one, f"{name}[{index}]")
