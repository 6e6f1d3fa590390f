"""Where the evidence came from: one line a run, from its manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from study.evidence.manifest import Manifest, RowOrigin
from study.report import text
from study.report.summary import SCALES

HEADINGS = (
    *("Scale", "Backend", "Device", "Processor"),
    *("Seed root", "Finished (UTC)", "Time", "VAEs trained", "Commit"),
)
COMMIT = 7
"""Characters of a commit."""


@dataclass(frozen=True)
class Run:
    """A run, as the pages show it.

    Attributes:
        cells: Its line under :data:`HEADINGS`.
        versions: Versions of what its numbers rest on, e.g. ``python 3.11.7``.
        dirty: Whether a commit of it had local changes, which its cell marks by a star.
    """

    cells: tuple[str, ...]
    versions: tuple[str, ...]
    dirty: bool


def runs(manifests: Mapping[tuple[str, str], Manifest]) -> list[Run]:
    """Describe the recorded runs, by scale and backend."""
    order = {scale: place for place, scale in enumerate(SCALES)}
    return [_run(*key, manifests[key]) for key in sorted(manifests, key=lambda key: (order.get(key[0], 9), key[1]))]


def _run(scale: str, backend: str, manifest: Manifest) -> Run:
    """Sum a manifest over its rows: its own totals are the last, perhaps partial, run's only."""
    parts: list[RowOrigin | Manifest] = [*manifest.rows.values()] or [manifest]
    commits = sorted({(part.commit or "", bool(part.dirty)) for part in parts})
    named = [(commit[:COMMIT] or text.NOTHING) + "*" * dirty for commit, dirty in commits]
    cells = (
        scale,
        f"{backend} {manifest.versions.get(backend) or ''}".strip(),
        f"{manifest.device}, {manifest.precision}",
        ", ".join(sorted({part.processor for part in parts} - {""})) or text.NOTHING,
        manifest.seed_root or text.NOTHING,
        max(part.finished for part in parts)[:16].replace("T", " "),
        text.duration(sum(part.seconds for part in parts)),
        f"{sum(part.trained for part in parts):,}",
        ", ".join(named[:3]) + (", …" if len(named) > 3 else ""),
    )
    versions = [f"python {manifest.python}", *(f"{name} {one}" for name, one in manifest.versions.items() if one)]
    return Run(cells, tuple(versions), any(dirty for _, dirty in commits))
