"""How often the rule errs, in a line: from the simulations that ``python -m study.cli.calibrate`` recorded."""

from __future__ import annotations

from pathlib import Path

from study.evidence import serialise
from study.verdicts.calibration import Calibration

FILE = "calibration.json"


def line(results: Path) -> str:
    """Say what the recorded simulations found; nothing where none are recorded.

    Raises:
        EvidenceError: The record is damaged, or of another schema version.
    """
    found = serialise.read_any(results / FILE, Calibration)
    if found is None:
        return ""
    return (
        f"Simulated, {found.studies:,} studies each of {found.populations} kinds after one to three looks: at most "
        f"{100 * found.worst:.1f} % wrong words where {100 * found.alpha:g} % are allowed "
        "(`python -m study.cli.calibrate`)."
    )
