"""The errors of the study: each names the argument, the value received and what is expected."""

from __future__ import annotations

LONGEST = 1_000
"""Characters of a value that an error shows, and of a name."""


def printable(text: str) -> str:
    r"""Write a text so that no terminal obeys it: control characters as their escapes, e.g. ``\x1b``; lines stay."""
    return "".join(mark if mark.isprintable() or mark == "\n" else ascii(mark)[1:-1] for mark in text)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters)"


def _written(value: object) -> str:
    try:
        return repr(value)
    except Exception:  # of whatever kind: it is somebody's object, or an integer of too many digits
        return f"a value of type {type(value).__name__} that cannot be written"


class StudyError(Exception):
    """Anything the study refuses; catch this one to catch them all."""

    def __str__(self) -> str:
        """Return the message; names and texts of files stand in it, which no terminal should obey."""
        return printable(super().__str__())


class InvalidValue(StudyError, ValueError):
    """An argument has a value that the study cannot work with."""

    def __init__(self, argument: str, received: object, expected: str) -> None:
        """Say which argument is wrong, and how to put it right.

        Args:
            argument: Name of the argument, as the user wrote it.
            received: The value received.
            expected: What is expected instead, as a noun phrase.
        """
        super().__init__(f"{_shortened(argument)}: expected {expected}, received {_shortened(_written(received))}.")
        self.argument = argument
        self.received = received
        self.expected = expected

    def __reduce__(self) -> tuple[type[InvalidValue], tuple[str, object, str]]:
        """Travel whole from a worker process."""
        return type(self), (self.argument, self.received, self.expected)


class DataUnavailable(StudyError, OSError):
    """A data set cannot be reached, or is damaged."""


class TrainingDiverged(StudyError, ArithmeticError):
    """The loss became non-finite; the message names config, step and replica."""


class EvidenceError(StudyError, ValueError):
    """A recorded file is damaged, or was written by another schema version."""
