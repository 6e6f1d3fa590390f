"""The study's own Hypothesis profile."""

from __future__ import annotations

from hypothesis import settings


def load_profile() -> str:
    """Register and load the study's Hypothesis profile; return its name.

    Designs are finite, so Hypothesis visits every context and stops. Nothing may depend on the
    machine's speed, on chance, or on an earlier run.
    """
    settings.register_profile(
        "study", max_examples=200, deadline=None, derandomize=True, database=None, report_multiple_bugs=False
    )
    settings.load_profile("study")
    return "study"
