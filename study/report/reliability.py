"""What runs survive, in a line: from the faults that ``tox -e reliability`` put into them."""

from __future__ import annotations

from pathlib import Path

from study.evidence import serialise
from study.evidence.reliability import FILE, Reliability


def line(results: Path) -> str:
    """Say what came of the recorded faults; nothing where none are recorded.

    Raises:
        EvidenceError: The record is damaged, or of another schema version.
    """
    found = serialise.read_any(results / FILE, Reliability)
    if found is None:
        return ""
    tried, survived, lost, silent = (found.total(count) for count in ("tried", "survived", "lost", "silent"))
    return (
        f"Runs survived {survived:,} of {tried:,} faults (kills, damage, failing disks, bad input); what had been "
        f"reported was lost {lost:,} times, and something was wrong in silence {silent:,} times (`tox -e reliability`)."
    )
