"""How bad it is that something does not hold after a fault."""

from __future__ import annotations


class Lost(AssertionError):
    """What was reported as written is not there, or not whole."""


class Silent(AssertionError):
    """Something is wrong, and nobody was told."""


class Left(AssertionError):
    """Something was left behind."""
