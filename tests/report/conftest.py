"""Planted rows and exhibits for the tests of the report."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from study.evidence.records import VerdictRow
from study.evidence.store import Store
from study.report import page

MakeRow = Callable[..., VerdictRow]


def _row(**changes: Any) -> VerdictRow:
    fields: dict[str, Any] = {
        "claim": "aggregate_close_to_prior",
        "parameters": {"axis": "latent_dim", "measure": "total"},
        "data": "digits",
        "scale": "quick",
        "backend": "jax",
        "device": "cpu",
        "predicted": "SUPPORTED",
        "verdict": "SUPPORTED",
        "reason": "",
        "estimate": 0.31,
        "low": 0.25,
        "high": 0.37,
        "threshold": 0.02,
        "unit": "nats",
        "contexts": 2,
        "replicas": 8,
        "level": 0.95,
        "p_supported": 1e-6,
        "p_refuted": 1 - 1e-6,
        "spread": {"a": 0.2, "b": 0.4},
    }
    return VerdictRow(**fields | changes)


@pytest.fixture(scope="session")
def make_row() -> MakeRow:
    """A factory of verdict rows; a row says SUPPORTED as predicted unless told otherwise."""
    return _row


@pytest.fixture(scope="session")
def latent_plane() -> dict[str, Any]:
    """An exhibit of 200 codes in the plane, drawn from the prior itself."""
    rng = np.random.default_rng(20261122)
    codes, draws = rng.normal(size=(2, 200, 2)).round(4).tolist()
    row = {"data": "digits", "context": "c", "config": {"latent_dim": 2}, "classes": [i % 10 for i in range(200)]}
    return {"schema": 1, "rows": [row | {"means": codes, "draws": draws}]}


@pytest.fixture(scope="session")
def marginal_kl() -> dict[str, Any]:
    """An exhibit of two contexts on two axes; one replica, and one whole level, did not converge."""
    rows = []
    for axis, levels in (("latent_dim", [2, 4, 8]), ("encoder_depth", [1, 2, 3])):
        for activation in ("relu", "tanh"):
            value = [[1.0, None], [2.0, 2.2], [None, None]]
            ends = {"low": value, "high": [[3.0, None], [3.5, 3.6], [None, None]], "floor": [[-1.0, 0.5]] * 3}
            context = json.dumps({"activation": activation, "decoder_width": 32})
            rows.append({"data": "digits", "context": context, "axis": axis, "levels": levels, **ends})
    return {"schema": 1, "rows": [row | {"empirical": row["high"], "rate": row["high"]} for row in rows]}


@pytest.fixture(scope="session")
def results(
    tmp_path_factory: pytest.TempPathFactory, latent_plane: dict[str, Any], marginal_kl: dict[str, Any]
) -> Path:
    """Evidence of two backends that disagree on one of two rows, with exhibits and manifests."""
    store = Store(tmp_path_factory.mktemp("report") / "results")
    for backend, verdict in (("jax", "SUPPORTED"), ("torch", "REFUTED")):
        rows = [
            _row(backend=backend, verdict=verdict, note="a | b"),
            _row(backend=backend, parameters={"axis": "width", "measure": "total"}),
        ]
        store.update("quick", backend, rows[0].claim, rows, [], [])
        store.write_exhibit("quick", backend, "latent_plane", latent_plane)
        cost = {"seconds": 30.0, "trained": 1000, "recalled": 1, "commit": "0123456789abcdef", "dirty": True}
        manifest = {"python": "3.12.3", "versions": {backend: "9.9"}, "device": "cpu", "rows": {"a": cost, "b": cost}}
        store.write_manifest("quick", backend, manifest)
    store.write_exhibit("quick", "jax", "marginal_kl", marginal_kl)
    return store.root


@pytest.fixture(scope="session")
def written(results: Path) -> list[Path]:
    """What the report wrote beside the evidence: the page first."""
    return page.write(results)
