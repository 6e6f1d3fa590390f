"""The store: one JSON file a claim, by scale and backend, from which every verdict can be judged again.

``<root>/<scale>/<backend>/`` holds ``<claim>.json``, ``manifest.json``, ``figure-data/<name>.json`` and, of a search
that found one, ``counterexamples/<claim>/<row>,<data>.json``. The same evidence gives the same bytes. Files are
published by write-to-temporary, fsync and ``os.replace``, so that a reader never sees half of one; of two writers the
last wins.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from study.errors import EvidenceError, InvalidValue
from study.evidence import counterexample, serialise
from study.evidence.figure_data import KINDS, Figure, FigureFile
from study.evidence.manifest import Manifest
from study.evidence.records import ClaimWords, Evidence, Observation, VerdictRow
from study.runtime.files import publish
from study.verdicts.kinds import Kind

Recorded = TypeVar("Recorded", Evidence, Manifest)

MANIFEST = "manifest"
FIGURE_DATA = "figure-data"


class Store:
    """The evidence under one folder.

    Attributes:
        root: The folder; it is made when something is first written.
    """

    def __init__(self, root: Path | str) -> None:
        """Point at ``root``, touching nothing."""
        self.root = Path(root)

    def check_writable(self, scale: str, backend: str, claims: Iterable[str] = ()) -> None:
        """Make sure, before any training, that results can be written; leaves nothing behind.

        Args:
            scale: ``quick``, ``standard`` or ``full``.
            backend: Backend that trains.
            claims: Ids of the claims that will be recorded.

        Raises:
            InvalidValue: They cannot, or an id is no file name.
            EvidenceError: The stored manifest, or figure data, are damaged or of another schema version.
        """
        for claim in claims:
            self._path(scale, backend, claim)
        probe = folder = self._folder(scale, backend)
        try:
            if (stored := folder / f"{MANIFEST}.json").is_file():
                self._read(stored, Manifest)
            for kind in KINDS:
                if (path := folder / FIGURE_DATA / f"{kind.name}.json").is_file():
                    serialise.read(path, FigureFile[kind])  # type: ignore[valid-type]
            while not (probe.exists() or probe.is_symlink()) and probe != probe.parent:
                probe = probe.parent
            with tempfile.TemporaryFile(dir=probe):
                pass
        except OSError as error:
            raise InvalidValue("--study-results", str(folder), "a folder that can be written to") from error

    def update(self, evidence: Evidence) -> Path:
        """Add evidence to a claim's file, replacing what is stored of the same rows and nothing else.

        The counterexample of a search is written beside it; that of an earlier one, which is no more, is removed.

        Args:
            evidence: Rows and all that they rest on; what the claim says of itself, and its design, replace what is
                stored.

        Returns:
            The file written.

        Raises:
            InvalidValue: No row, an infinite value, or a name that is no file name.
            EvidenceError: The stored file is damaged or of another schema version.
        """
        path = self._path(evidence.scale, evidence.backend, evidence.claim)
        if not evidence.rows:
            raise InvalidValue("rows", evidence.rows, "at least one verdict row")
        old = self._read(path, Evidence) if path.exists() else None
        rows = {row.identity: row for row in (*(old.rows if old else ()), *evidence.rows)}
        superseded = {row.identity[1:] for row in evidence.rows}
        kept = [s for s in (old.observations if old else ()) if s.row not in superseded]
        series = sorted((*kept, *evidence.observations), key=lambda s: (*s.row, s.context))
        merged = replace(
            evidence,
            design=evidence.design or (old.design if old else ()),
            rows=tuple(_in_order(row) for _, row in sorted(rows.items(), key=lambda item: item[0])),
            observations=tuple(series),
        )
        publish(path, serialise.page(merged, path.stem, sealed=True))
        for row in (row for row in evidence.rows if row.kind == Kind.SEARCH):
            if self._write_counterexample(merged, row) is None:
                (self.root / counterexample.place(row)).unlink(missing_ok=True)
        return path

    def write_counterexamples(self) -> list[Path]:
        """Write the counterexamples of recorded searches that lack their file, and return the files written."""
        lacking = (
            (found, row)
            for found in self.evidence()
            for row in found.rows
            if not (self.root / counterexample.place(row)).exists()
        )
        return [path for found, row in lacking if (path := self._write_counterexample(found, row))]

    def _write_counterexample(self, evidence: Evidence, row: VerdictRow) -> Path | None:
        if (one := counterexample.found(evidence, row)) is None:
            return None
        path = self.root / counterexample.place(row)
        publish(path, serialise.page(one, path.stem, sealed=True))
        return path

    def evidence(self, scale: str | None = None, backend: str | None = None) -> Iterator[Evidence]:
        """Yield the content of every file, by scale, backend and claim.

        Raises:
            EvidenceError: A file is damaged or of another schema version.
        """
        for path in self._files("*.json", scale, backend):
            if path.stem != MANIFEST:
                yield self._read(path, Evidence)

    def rows(self, scale: str | None = None, backend: str | None = None) -> list[VerdictRow]:
        """Return the verdict rows, by scale, backend, claim and parametrisation."""
        return [row for found in self.evidence(scale, backend) for row in found.rows]

    def observations(self, scale: str | None = None, backend: str | None = None) -> list[Observation]:
        """Return the observations (NaN where null is stored), in the order of :meth:`rows`."""
        files = self.evidence(scale, backend)
        return [o for found in files for s in found.observations for o in s.observations(found.claim)]

    def claims(self) -> dict[str, ClaimWords]:
        """Return what each recorded claim says of itself, by its id."""
        return {found.claim: found for found in self.evidence()}

    def update_figure_data(self, scale: str, backend: str, rows: Sequence[Figure]) -> Path | None:
        """Add figure data of one figure, replacing those of the same data, context and axis.

        Returns:
            The file written; None where nothing is to be.

        Raises:
            InvalidValue: An infinite value, or a name that is no file name.
            EvidenceError: The stored file is damaged or of another schema version.
        """
        if not rows:
            return None
        kind = type(rows[0])
        path = self._folder(scale, backend) / FIGURE_DATA / f"{kind.name}.json"
        old: tuple[Figure, ...] = _figures(path, kind) if path.exists() else ()
        merged = {row.identity: row for row in (*old, *rows)}
        file = FigureFile(rows=tuple(merged[key] for key in sorted(merged)))
        publish(path, serialise.page(file, kind.name, sealed=True))
        return path

    def figure_data(self, kind: type[Figure]) -> dict[tuple[str, str], tuple[Figure, ...]]:
        """Return the figure data of one figure, by ``(scale, backend)``.

        Raises:
            EvidenceError: A file is damaged or of another schema version.
        """
        return {
            (path.parts[-4], path.parts[-3]): _figures(path, kind)
            for path in self._files(f"{FIGURE_DATA}/{kind.name}.json")
        }

    def write_manifest(self, manifest: Manifest) -> Path:
        """Write the manifest of a run; the entries of rows that this run did not judge are kept.

        Raises:
            InvalidValue: A name that is no file name.
            EvidenceError: The stored manifest is damaged or of another schema version.
        """
        path = self._folder(manifest.scale, manifest.backend) / f"{MANIFEST}.json"
        old = self._read(path, Manifest).rows if path.exists() else {}
        merged = replace(manifest, rows=dict(sorted({**old, **manifest.rows}.items())))
        publish(path, serialise.page(merged, MANIFEST, sealed=True))
        return path

    def manifests(self) -> dict[tuple[str, str], Manifest]:
        """Return the manifests, by ``(scale, backend)``."""
        return {
            (path.parts[-3], path.parts[-2]): self._read(path, Manifest) for path in self._files(f"{MANIFEST}.json")
        }

    def _read(self, path: Path, kind: type[Recorded]) -> Recorded:
        """Read a file, and refuse that of another scale, backend or claim under its name."""
        found = serialise.read(path, kind)
        name = found.claim if isinstance(found, Evidence) else MANIFEST
        if path.parts[-3:] != (found.scale, found.backend, f"{name}.json"):
            received = f"that of {found.scale}, {found.backend}, {name}"
            raise EvidenceError(f"{path}: expected the file of this scale, backend and claim, received {received}.")
        own = (found.scale, found.backend, name)
        if isinstance(found, Evidence) and any((row.scale, row.backend, row.claim) != own for row in found.rows):
            raise EvidenceError(f"{path}: expected rows of this scale, backend and claim.")
        return found

    def _files(self, pattern: str, scale: str | None = None, backend: str | None = None) -> list[Path]:
        found = sorted(self.root.glob(f"{scale or '*'}/{backend or '*'}/{pattern}"))
        for path in found:
            for name in path.relative_to(self.root).parts[:2]:
                _name("folder", name)
        return found

    def _folder(self, scale: str, backend: str) -> Path:
        return self.root / _name("scale", scale) / _name("backend", backend)

    def _path(self, scale: str, backend: str, claim: str) -> Path:
        if claim == MANIFEST:
            raise InvalidValue("claim", claim, "a claim id other than the manifest's name")
        return self._folder(scale, backend) / f"{_name('claim', claim)}.json"


def _figures(path: Path, kind: type[Figure]) -> tuple[Figure, ...]:
    file: type[FigureFile[Figure]] = FigureFile[kind]  # type: ignore[valid-type, assignment]
    return serialise.read(path, file).rows


def _in_order(row: VerdictRow) -> VerdictRow:
    """Give a row's mappings an order of their own; that of the examined contexts means something."""
    return replace(row, parameters=dict(sorted(row.parameters.items())))


def _name(argument: str, name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}", name):
        raise InvalidValue(argument, name, "letters, digits, '_', '-' and '.', 200 at most")
    return name
