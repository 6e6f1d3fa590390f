"""How the study compares with a published table, in a line: from what ``python -m study.cli.published`` recorded."""

from __future__ import annotations

from pathlib import Path

from study.evidence import serialise
from study.evidence.published import FILE, Published
from study.report import text


def line(results: Path) -> str:
    """Say how many numbers are near the published ones, and which are not; nothing where none are recorded.

    Raises:
        EvidenceError: The record is damaged, or of another schema version.
    """
    found = serialise.read_any(results / FILE, Published)
    if found is None:
        return ""
    met = sum(check.met for check in found.checks)
    missed = [
        f"{check.name} with {text.plural(check.latents, 'latent')} {check.found:.2f} nats for {check.published:.2f}"
        for check in found.checks
        if not check.met
    ]
    numbers = text.plural(len(found.checks), "number")
    where = f"{text.images(found.data)}, {found.images:,} images, {found.backend}"
    return (
        f"{met} of {numbers} of Hoffman & Johnson's published table ({where}) are met"
        f"{'; not met: ' * bool(missed)}{', '.join(missed)} (`python -m study.cli.published`)."
    )
