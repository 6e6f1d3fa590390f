"""The table of measurements, as pandas reads it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas
import pytest

from study.errors import StudyError
from study.evidence.store import Store
from study.report import export


def test_pandas_reads_every_observation(results: Path, tmp_path: Path) -> None:
    """One line an observation, all nine columns, brackets with both ends."""
    store = Store(results)
    evidence = list(store.evidence())
    table = pandas.read_parquet(export.write(tmp_path / export.FILE, evidence))
    assert list(table.columns) == list(export.COLUMNS)
    assert len(table) == len(store.observations()) == 64
    assert set(table.backend) == {"jax", "torch"}
    assert set(table.row) == {json.dumps(dict(row.parameters)) for row in store.rows()}
    first = table.query("replica == 0 and backend == 'jax'")
    assert (first.high - first.low).round(6).tolist() == [0.005] * 4
    assert table.groupby(["row", "context", "backend"]).replica.nunique().unique().tolist() == [8]


def test_equal_evidence_gives_equal_bytes(results: Path, tmp_path: Path) -> None:
    evidence = list(Store(results).evidence())
    one, other = (export.write(tmp_path / name, evidence).read_bytes() for name in ("a", "b"))
    assert one == other


def test_a_replica_that_diverged_is_null(results: Path) -> None:
    evidence = next(Store(results).evidence())
    series = evidence.observations[0]
    object.__setattr__(series, "low", (None, *series.low[1:]))
    assert [line[-2] for line in export.lines([evidence])].count(None) == 1


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(StudyError, match=r"vae-claims\[report\]"):
        export.write(tmp_path / export.FILE, [])
    assert not list(tmp_path.iterdir())
