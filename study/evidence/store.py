"""The store: one JSON file a claim, by scale and backend, from which every verdict can be judged again.

``<root>/<scale>/<backend>/`` holds ``<claim>.json``, ``manifest.json`` and ``exhibits/<name>.json``. Floats keep nine
significant digits, NaN is written as null, and the same evidence gives the same bytes. Files are published by
write-to-temporary, fsync and ``os.replace``, so that a reader never sees half of one; of two writers the last wins.
"""

from __future__ import annotations

import json
import math
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from study.errors import EvidenceError, InvalidValue
from study.evidence.records import (
    SCHEMA,
    Observation,
    VerdictRow,
    observation_from_json,
    row_from_json,
    to_json,
)
from study.runtime.files import publish

MANIFEST = "manifest"


class Store:
    """The evidence under one folder.

    Attributes:
        root: The folder; it is made when something is first written.
    """

    def __init__(self, root: Path | str) -> None:
        """Point at ``root``, touching nothing."""
        self.root = Path(root)

    def check_writable(self, scale: str, backend: str) -> None:
        """Make sure, before any training, that results can be written; leaves nothing behind.

        Raises:
            InvalidValue: They cannot.
        """
        probe = folder = self._folder(scale, backend)
        try:
            while not (probe.exists() or probe.is_symlink()) and probe != probe.parent:
                probe = probe.parent
            with tempfile.TemporaryFile(dir=probe):
                pass
        except OSError as error:
            raise InvalidValue("--study-results", str(folder), "a folder that can be written to") from error

    def check_unmixed(self, scale: str, backend: str, **settings: str) -> None:
        """Make sure, before any training, that no row would stand beside rows of another setting.

        Args:
            scale: ``quick``, ``standard`` or ``full``.
            backend: Backend that trains.
            **settings: Fields of a row, ``seed_root`` and ``precision``, with the values of the run.

        Raises:
            InvalidValue: Rows of another setting are recorded here.
        """
        for row in self.rows(scale, backend):
            for name, value in settings.items():
                if (there := getattr(row, name)) != value:
                    expected = f"{there!r}, whose evidence is in {self._folder(scale, backend)}; or another folder"
                    raise InvalidValue(f"--study-{name.replace('_', '-')}", value, f"{expected} by --study-results")

    def update(
        self,
        scale: str,
        backend: str,
        claim: str,
        rows: Iterable[VerdictRow],
        observations: Iterable[Observation],
        design: Sequence[Any] | None = None,
    ) -> Path:
        """Add evidence to a claim's file, replacing what it supersedes and nothing else.

        Args:
            scale: ``quick``, ``standard`` or ``full``.
            backend: Backend that trained.
            claim: Claim id.
            rows: Verdict rows; each replaces the stored row of the same identity.
            observations: Observations; together they replace all stored ones of the same parameters and data.
                Seeing one twice changes nothing.
            design: The listed contexts; None keeps the stored list.

        Returns:
            The file written.

        Raises:
            InvalidValue: A record of another claim, scale or backend, one observation with two values, an infinite
                value, or a name that is no file name.
            EvidenceError: The stored file is damaged or of another schema version.
        """
        path = self._path(scale, backend, claim)
        rows, observations = list(rows), list(observations)
        for row in rows:
            if (row.claim, row.scale, row.backend) != (claim, scale, backend):
                raise InvalidValue("rows", row, f"rows of claim {claim!r} at scale {scale!r} on backend {backend!r}")
        if stray := [o for o in observations if o.claim != claim]:
            raise InvalidValue("observations", stray[0], f"observations of claim {claim!r}")
        old = _read(path) if path.exists() else {"design": [], "rows": [], "observations": []}
        kept_rows = {row.identity: row for row in _rows(path, old)} | {row.identity: row for row in rows}
        superseded = {_group(o) for o in observations}
        kept = [o for o in _observations(path, old) if _group(o) not in superseded]
        content = {
            "schema": SCHEMA,
            "claim": claim,
            "scale": scale,
            "backend": backend,
            "design": _plain(old["design"] if design is None else list(design), "design"),
            "rows": [_row_json(row) for _, row in sorted(kept_rows.items())],
            "observations": list(_series([*kept, *observations])),
        }
        # A row is spread over lines, a design's context or a series of observations takes one each.
        pieces = [f"  {json.dumps(key)}: {_text(content[key], 1 + (key == 'rows'), 1)}" for key in content]
        publish(path, "{\n" + ",\n".join(pieces) + "\n}\n")
        return path

    def rows(self, scale: str | None = None, backend: str | None = None) -> list[VerdictRow]:
        """Return the verdict rows, by scale, backend, claim and parametrisation."""
        return [row for path, content in self._claims(scale, backend) for row in _rows(path, content)]

    def observations(
        self, scale: str | None = None, backend: str | None = None, claim: str | None = None
    ) -> list[Observation]:
        """Return the observations (NaN where null is stored), in the order of :meth:`rows`."""
        files = self._claims(scale, backend)
        return [o for path, c in files if claim in (None, path.stem) for o in _observations(path, c)]

    def design(self, scale: str, backend: str, claim: str) -> list[Any]:
        """Return the listed contexts that a claim's evidence is conditional on; none without evidence."""
        path = self._path(scale, backend, claim)
        return list(_read(path)["design"]) if path.exists() else []

    def write_exhibit(self, scale: str, backend: str, name: str, payload: Mapping[str, Any]) -> Path:
        """Write what a figure can be redrawn from; arrays become lists, NaN becomes null.

        Raises:
            InvalidValue: An infinite value, a value JSON cannot hold, another schema, or a name that is no file name.
        """
        return self._write(self._folder(scale, backend) / "exhibits" / f"{_name('exhibit', name)}.json", payload)

    def exhibits(self, name: str) -> dict[tuple[str, str], dict[str, Any]]:
        """Return the exhibits of one name, by ``(scale, backend)``."""
        return {(path.parts[-4], path.parts[-3]): _read(path) for path in self._files(f"exhibits/{name}.json")}

    def write_manifest(self, scale: str, backend: str, manifest: Mapping[str, Any]) -> Path:
        """Write the manifest of a run; the entries of rows that this run did not judge are kept.

        Raises:
            InvalidValue: As for :meth:`write_exhibit`.
            EvidenceError: The stored manifest is damaged or of another schema version.
        """
        path = self._folder(scale, backend) / f"{MANIFEST}.json"
        old = _read(path).get("rows", {}) if path.exists() else {}
        rows = dict(sorted((old | dict(manifest.get("rows", {}))).items()))
        return self._write(path, {**manifest, "scale": scale, "backend": backend, "rows": rows})

    def manifests(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Return the manifests, by ``(scale, backend)``."""
        return {(path.parts[-3], path.parts[-2]): _read(path) for path in self._files(f"{MANIFEST}.json")}

    def _files(self, pattern: str, scale: str | None = None, backend: str | None = None) -> list[Path]:
        return sorted(self.root.glob(f"{scale or '*'}/{backend or '*'}/{pattern}"))

    def _claims(self, scale: str | None, backend: str | None) -> Iterator[tuple[Path, dict[str, Any]]]:
        for path in self._files("*.json", scale, backend):
            if path.stem != MANIFEST:
                yield path, _read(path)

    def _folder(self, scale: str, backend: str) -> Path:
        return self.root / _name("scale", scale) / _name("backend", backend)

    def _path(self, scale: str, backend: str, claim: str) -> Path:
        if claim == MANIFEST:
            raise InvalidValue("claim", claim, "a claim id other than the manifest's name")
        return self._folder(scale, backend) / f"{_name('claim', claim)}.json"

    def _write(self, path: Path, payload: Mapping[str, Any]) -> Path:
        if payload.get("schema", SCHEMA) != SCHEMA:
            raise InvalidValue("schema", payload["schema"], f"schema {SCHEMA}")
        publish(path, _text(_plain({"schema": SCHEMA, **payload}, path.stem), 3) + "\n")
        return path


def _group(observation: Observation) -> tuple[Any, ...]:
    """What a series of observations shares, save the context."""
    return observation.identity[1:3]


def _row_json(row: VerdictRow) -> dict[str, Any]:
    ordered = replace(row, parameters=dict(sorted(row.parameters.items())), spread=dict(sorted(row.spread.items())))
    return _plain(to_json(ordered), f"row {row.identity}")


def _series(observations: Iterable[Observation]) -> Iterator[dict[str, Any]]:
    """Gather observations by parameters, data and context; exact values are stored without ``high``."""
    unique: dict[tuple[Any, ...], tuple[float | None, float | None]] = {}
    for o in observations:
        ends = (_number(o.low, f"low of {o.identity}"), _number(o.high, f"high of {o.identity}"))
        if unique.setdefault(o.identity, ends) != ends:
            raise InvalidValue("observations", (unique[o.identity], ends), f"one value of {o.identity}")
    for (_, parameters, data, context), members in groupby(sorted(unique.items()), key=lambda item: item[0][:-1]):
        replicas, low, high = map(list, zip(*((int(key[-1]), *ends) for key, ends in members), strict=True))
        series = {"parameters": dict(parameters), "data": data, "context": context, "replicas": replicas}
        yield series | ({"low": low} if low == high else {"low": low, "high": high})


def _observations(path: Path, content: Mapping[str, Any]) -> list[Observation]:
    try:
        return [
            observation_from_json(
                {key: series[key] for key in ("parameters", "data", "context")}
                | {"claim": content.get("claim"), "replica": replica}
                | {"low": math.nan if low is None else low, "high": math.nan if high is None else high}
            )
            for series in content["observations"]
            for replica, low, high in zip(
                series["replicas"], series["low"], series.get("high", series["low"]), strict=True
            )
        ]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EvidenceError(f"{path}: expected series of observations, received {error!r}.") from error


def _rows(path: Path, content: Mapping[str, Any]) -> list[VerdictRow]:
    try:
        return [row_from_json(fields) for fields in content["rows"]]
    except (KeyError, TypeError) as error:
        raise EvidenceError(f"{path}: expected verdict rows, received {error!r}.") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise EvidenceError(f"{path}: expected a JSON file of schema {SCHEMA}, received {error}.") from error
    received = content.get("schema") if isinstance(content, dict) else type(content).__name__
    if received != SCHEMA or not isinstance(received, int):
        raise EvidenceError(f"{path}: expected schema {SCHEMA}, received {received!r}.")
    return content


def _name(argument: str, name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", name):
        raise InvalidValue(argument, name, "letters, digits, '_', '-' and '.'")
    return name


def _number(value: float, where: str) -> float | None:
    """Round to nine significant digits, which repeat under reading and writing; NaN becomes None."""
    if math.isinf(value):
        raise InvalidValue(where, value, "a finite number")
    return None if math.isnan(value) else float(f"{value:.9g}") + 0.0  # "+ 0.0": no negative zero.


def _plain(value: Any, where: str) -> Any:
    """Turn a value into what JSON holds: NumPy scalars and arrays included, infinities refused."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, float):
        return _number(value, where)
    if isinstance(value, Mapping):
        return {str(key): _plain(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, where) for item in value]
    raise InvalidValue(where, value, "JSON values or arrays")


def _text(value: Any, depth: int, indent: int = 0) -> str:
    """JSON that breaks lines down to ``depth`` levels of containers, and keeps what is deeper on one line."""
    if depth == 0 or not value or not isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    pad = "  " * (indent + 1)
    if isinstance(value, dict):
        items = [
            f"{json.dumps(key, ensure_ascii=False)}: {_text(v, depth - 1, indent + 1)}" for key, v in value.items()
        ]
    else:
        items = [_text(item, depth - 1, indent + 1) for item in value]
    left, right = "{}" if isinstance(value, dict) else "[]"
    return f"{left}\n{pad}" + f",\n{pad}".join(items) + f"\n{'  ' * indent}{right}"
