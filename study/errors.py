"""The errors of the study: each names the argument, the value received and what is expected."""

from __future__ import annotations

import json
from unicodedata import category

LONGEST, MESSAGE = 1_000, 4_000
"""Characters of a value that an error shows, and of a whole message."""


def printable(text: str) -> str:
    r"""Write a text so that it only says something: what terminals and pages obey as its escape, e.g. ``\u001b``.

    These are control characters, and those that turn the direction of what is read; ends of lines and blanks stay.
    """
    return text if text.isprintable() else "".join(map(_mark, text))


def _mark(one: str) -> str:
    if one.isprintable() or one == "\n" or category(one) == "Zs":
        return one
    return f"\\u{ord(one):04x}" if ord(one) < 2**16 else json.dumps(one)[1:-1]


def _shortened(text: str, most: int = LONGEST) -> str:
    return text if len(text) <= most else f"{text[:most]}… ({len(text):,} characters)"


def _written(value: object) -> str:
    try:
        return repr(value)
    except Exception:  # of whatever kind: it is somebody's object, or an integer of too many digits
        return f"a value of type {type(value).__name__} that cannot be written"


class StudyError(Exception):
    """Anything the study refuses; catch this one to catch them all."""

    def __str__(self) -> str:
        """Return the message; names and texts of files stand in it, which no terminal should obey."""
        return printable(_shortened(super().__str__(), MESSAGE))


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
