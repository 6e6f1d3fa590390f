"""The errors of the study: each names the argument, the value received and what is expected."""

from __future__ import annotations


class StudyError(Exception):
    """Anything the study refuses; catch this one to catch them all."""


class InvalidValue(StudyError, ValueError):
    """An argument has a value that the study cannot work with."""

    def __init__(self, argument: str, received: object, expected: str) -> None:
        """Say which argument is wrong, and how to put it right.

        Args:
            argument: Name of the argument, as the user wrote it.
            received: The value received.
            expected: What is expected instead, as a noun phrase.
        """
        super().__init__(f"{argument}: expected {expected}, received {received!r}.")
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
