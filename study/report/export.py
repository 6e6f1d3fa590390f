"""The tidy table of measurements, one line an observation, as one Parquet file."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from pathlib import Path

from study.errors import StudyError
from study.evidence.records import Evidence
from study.runtime.files import publish

FILE = "measurements.parquet"
COLUMNS = ("claim", "row", "data", "scale", "backend", "context", "replica", "low", "high")
"""Of the table: ``row`` is the parametrisation as a JSON object; ``low`` and ``high`` are the ends of the estimand's
bracket, in the unit of the row, null where the replica diverged. A context on fresh seeds begins with ``fresh: ``."""


def lines(evidence: Iterable[Evidence]) -> list[tuple[str | int | float | None, ...]]:
    """Return the lines of the table, under :data:`COLUMNS`."""
    found: list[tuple[str | int | float | None, ...]] = []
    for one in evidence:
        for series in one.observations:
            row = json.dumps(dict(series.row[0]), ensure_ascii=False)
            at = (one.claim, row, series.data, one.scale, one.backend, series.context)
            ends = zip(series.replicas, series.low, series.ends, strict=True)
            found += [(*at, replica, low, high) for replica, low, high in ends]
    return found


def write(path: Path, evidence: Iterable[Evidence]) -> Path:
    """Write the table; the same evidence gives the same bytes with one release of pyarrow.

    Raises:
        StudyError: pyarrow is not installed.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ModuleNotFoundError as error:
        raise StudyError("The table needs pyarrow: pip install 'vae-claims[report]' adds it.") from error
    columns = zip(*lines(evidence), strict=True)
    types = {"replica": pyarrow.int32(), "low": pyarrow.float64(), "high": pyarrow.float64()}
    arrays = [
        pyarrow.array(column, types.get(name, pyarrow.string())) for name, column in zip(COLUMNS, columns, strict=True)
    ]
    table, content = pyarrow.Table.from_arrays(arrays, names=list(COLUMNS)), io.BytesIO()
    parquet.write_table(table, content, compression="zstd")
    publish(path, content.getvalue())
    return path
