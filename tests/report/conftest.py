"""Planted rows and figure data for the tests of the report."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from study.evidence import serialise
from study.evidence.figure_data import LatentPlane, MarginalKL
from study.evidence.manifest import Manifest, RowOrigin
from study.evidence.records import ClaimWords, Evidence, Observation, VerdictRow
from study.evidence.specifications import FILE, Specification, Specifications
from study.evidence.store import Store
from study.report import page
from study.report.charts.figure import Figure
from study.report.content import Content, gather
from study.verdicts.judgement import InContext

WORDS = ClaimWords(
    claim="aggregate_close_to_prior",
    statement="The mixture is close to the prior.",
    chapter="2. Second",
    question="Is it close?",
    quotation='"very close to N(0, I)"',
    source="first answer",
    means={
        "latent_dim": {"SUPPORTED": "more latents bring q(z) close", "REFUTED": "more latents do not bring q(z) close"},
        "width": {"SUPPORTED": "width brings q(z) close", "REFUTED": "width does not bring q(z) close"},
    },
    words={"total": "total marginal KL", "latent_dim": "more latents"},
)
MakeRow = Callable[..., VerdictRow]


def _in_context(name: str, median: float | None) -> InContext:
    return InContext(context=name, replicas=8, reach=7, short=1, median=median, verdict="SUPPORTED", applicable=True)


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
        "reach": 14,
        "short": 2,
        "count": 16,
        "allowed": 3,
        "share_low": 0.6,
        "share_high": 0.99,
        "holds_in": 2,
        "median": 0.31,
        "low": 0.25,
        "high": 0.37,
        "threshold": 0.02,
        "unit": "nats",
        "level": 0.95,
        "contexts": (_in_context("a", 0.2), _in_context("b", 0.4)),
    }
    return VerdictRow(**fields | changes)


@pytest.fixture(scope="session")
def make_row() -> MakeRow:
    """A factory of verdict rows; a row says SUPPORTED as predicted unless told otherwise."""
    return _row


@pytest.fixture(scope="session")
def in_context() -> Callable[..., InContext]:
    """What a context says: its name and its median."""
    return _in_context


@pytest.fixture(scope="session")
def latent_plane() -> list[LatentPlane]:
    """Figure data of 200 codes in the plane, drawn from the prior itself."""
    rng = np.random.default_rng(20261122)
    codes, draws = rng.normal(size=(2, 200, 2)).round(4).tolist()
    classes, config = tuple(i % 10 for i in range(200)), {"latent_dim": 2}
    return [LatentPlane(data="digits", context="c", config=config, classes=classes, means=codes, draws=draws)]


@pytest.fixture(scope="session")
def marginal_kl() -> list[MarginalKL]:
    """Figure data of two contexts on two axes; one replica, and one whole level, did not converge."""
    rows = []
    for axis, levels in (("latent_dim", [2, 4, 8]), ("encoder_depth", [1, 2, 3])):
        for activation in ("relu", "tanh"):
            value = [[1.0, None], [2.0, 2.2], [None, None]]
            high = [[3.0, None], [3.5, 3.6], [None, None]]
            ends = {"low": value, "high": high, "empirical": high, "rate": high, "floor": [[-1.0, 0.5]] * 3}
            context = json.dumps({"activation": activation, "decoder_width": 32})
            rows.append(MarginalKL(data="digits", context=context, axis=axis, levels=levels, **ends))
    return rows


def _benchmark(median: float, /, **info: Any) -> dict[str, Any]:
    return {"name": "planted", "params": None, "extra_info": info, "stats": {"median": median}}


def _training(backend: str, **changes: Any) -> dict[str, Any]:
    """22 steps of eight replicas in a second, at half the floor; Keras' one model takes 22 steps in half of it."""
    info: dict[str, Any] = {
        **{"kind": "training", "setting": "one program", "size": "mnist", "backend": backend, "device": "cpu"},
        **{"threads": 2, "replicas": 8, "batch": 128, "steps": 22, "synchronised": f"{backend} waits"},
        **{"flop": 4e9, "bytes": 1e9, "sgemm": [9e9, 1e10, 2e10], "copy": [1e10, 1e10, 1e10]},
        "peers": {"Keras fit": {"median": 0.5, "steps": 22, "models": 1, "threads": 2}},
    }
    return _benchmark(1.0, **info | changes)


@pytest.fixture(scope="session")
def planted_benchmarks() -> Callable[..., list[dict[str, Any]]]:
    """What a whole run of the benchmarks records on one backend; changes go to its trainings."""

    def make(backend: str = "jax", **changes: Any) -> list[dict[str, Any]]:
        mixture = {"kind": "mixture", "backend": backend, "components": 60_000, "points": 1_000, "latents": 10}
        beside = {"setting": "side by side", "programs": 2, "threads": 1}
        growth = {"kind": "growth", "backend": backend, "epochs": 5}
        return [
            _benchmark(0.1, kind="ceiling", ceiling="sgemm", amount=1e10, backend=backend),
            _benchmark(0.1, kind="ceiling", ceiling="copy", amount=1e9, backend=backend),
            _training(backend, **changes),
            _training(backend, **changes | {"replicas": 64}),
            *(_training(backend, **changes | beside | {"size": size}) for size in ("digits", "mnist")),
            _training(backend, **changes | {"size": "digits"}),
            _benchmark(0.2, **mixture, peers={"scikit-learn": {"median": 6.0}}),
            _benchmark(9.0, **mixture | {"points": 10_000}, seconds=[2.0], error_nats=2e-6, peak_mib=1100.0),
            _benchmark(9.0, kind="measures", backend=backend, latents=8, ratio=1.5, cpu_seconds_a_vae=1.2),
            _benchmark(2.0, kind="profile", backend=backend, size="mnist"),
            _benchmark(9.0, kind="memory", backend=backend, size="mnist", replicas=8, peaks_mib=[500, 510.0]),
            *(_benchmark(0.1 * n, **growth, axis="replicas", level=n) for n in (1, 8, 64)),
            *(_benchmark(0.1 * n, **growth, axis="width", level=n) for n in (32, 64)),
            _benchmark(400.0, kind="claims", cache="cold", backend=backend, threads=1, programs=2, vaes=800),
            _benchmark(25.0, kind="claims", cache="warm", backend=backend, threads=1, programs=2),
            _benchmark(
                200.0, kind="claims", which="headline claims", cache="cold", backend=backend, threads=1, programs=2
            ),
            _benchmark(9.0, kind="cluster", backend=backend, overhead=0.01, one_worker_seconds=15.0, seconds=8.0),
            _benchmark(
                3.5, kind="load", what="plan", size=2_000, seconds=3.0, peak_mib=150.0, backend=backend, threads=1
            ),
            _benchmark(2400.0, kind="tox", backend="all", device="cpu", threads=1, programs=2),
            _benchmark(0.05, kind="import", statement="import study", backend=backend),
            _benchmark(0.03, kind="import", statement="pass", backend=backend),
        ]

    return make


@pytest.fixture(scope="session")
def write_benchmarks() -> Callable[..., Path]:
    """Write benchmarks as pytest-benchmark does, into a folder of results."""

    def write(results: Path, name: str, benchmarks: list[dict[str, Any]]) -> Path:
        path = results / "benchmarks" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        machine = {"cpu": {"brand_raw": "Planted 3000", "count": 2}, "node": "somebody's"}
        content = {"machine_info": machine, "benchmarks": benchmarks, "datetime": "2026-11-22T18:04:11.375551+00:00"}
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    return write


def _manifest(backend: str) -> Manifest:
    """Two rows that came from one commit with local changes."""
    shared: dict[str, Any] = {
        **{"command": "pytest", "versions": {backend: "9.9"}, "commit": "0123456789abcdef", "dirty": True},
        **{"finished": "2026-11-22T18:04:11+00:00", "seconds": 30.0, "trained": 1000, "recalled": 1},
    }
    run = {"python": "3.12.3", "platform": "", "device": "cpu", "threads": 1, "precision": "float32"}
    made = {"hypothesis_profile": "study", "seed_root": "", "started": shared["finished"]}
    rows = {"a": RowOrigin(**shared), "b": RowOrigin(**shared)}
    return Manifest(scale="quick", backend=backend, rows=rows, **run, **made, **shared)


@pytest.fixture(scope="session")
def specify() -> Callable[..., Path]:
    """Write specification curves into a folder: of a row with a word, and of one that nothing is recorded of.

    Medians are 0.01 to 0.06, against thresholds of 0.02; the one on the line has a bracket that holds it, and the claim
    says nothing about the last one.
    """

    def write(root: Path, **changes: Any) -> Path:
        rows = []
        for parameters in ({"axis": "latent_dim", "measure": "total"}, {"axis": "depth", "measure": "total"}):
            for at, middle in enumerate((0.06, 0.01, 0.02, 0.03, 0.05, 0.04)):
                wide = 0.002 * (middle == 0.02)
                choices = {
                    **{"KL weight": "1" if at < 4 else "0.5", "activation": ("relu", "tanh")[at % 2]},
                    **{"training": ("× 1", "× ½", "× 2")[at % 3], "images": "all", "measure": "KL"},
                }
                shared: dict[str, Any] = {
                    **{"claim": WORDS.claim, "parameters": parameters, "about": "marginal KL"},
                    **{"threshold": 0.02, "unit": "nats", "own": at == 0, "replicas": 8, "applicable": at < 5},
                    **{"low": middle - 0.01, "high": middle + 0.01},
                }
                rows.append(Specification(**shared, choices=choices, medians=(middle - wide, middle + wide)))
        found = {"manifest": _manifest("jax"), "data": "digits", "level": 0.93, "rows": tuple(rows), **changes}
        root.mkdir(parents=True, exist_ok=True)
        (root / FILE).write_text(serialise.page(Specifications(**found)), encoding="utf-8")
        return root

    return write


@pytest.fixture(scope="session")
def results(
    tmp_path_factory: pytest.TempPathFactory, latent_plane: list[LatentPlane], marginal_kl: list[MarginalKL]
) -> Path:
    """Evidence of two backends that disagree on one of two rows, with figure data and manifests."""
    store = Store(tmp_path_factory.mktemp("report") / "results")
    for backend, verdict in (("jax", "SUPPORTED"), ("torch", "REFUTED")):
        rows = [
            _row(backend=backend, verdict=verdict, note="a | b"),
            _row(backend=backend, parameters={"axis": "width", "measure": "total"}),
        ]
        for row in rows:
            store.update(Evidence.gather(WORDS, row, _observed(row), design=("a", "b")))
        store.update_figure_data("quick", backend, latent_plane)
        store.write_manifest(_manifest(backend))
    store.update_figure_data("quick", "jax", marginal_kl)
    return store.root


def _observed(row: VerdictRow) -> list[Observation]:
    """Eight replicas in each of two contexts; one of each falls short, and a bracket has two ends."""
    who = {"claim": row.claim, "parameters": row.parameters, "data": row.data}
    ends = [(0.01, 0.015), *((0.125 * n, 0.125 * n) for n in range(1, 8))]
    return [
        Observation(**who, context=context, replica=replica, low=low, high=high)
        for context in ("a", "b")
        for replica, (low, high) in enumerate(ends)
    ]


@pytest.fixture(scope="session")
def written(results: Path) -> list[Path]:
    """What the report wrote beside the evidence: the page first."""
    return page.write(results)


@pytest.fixture(scope="session")
def content(results: Path) -> Content:
    """What the pages show, with figures that need no drawing."""
    spec = {"mark": "point", "data": {"values": [{"a": "</script><b>"}]}}
    told = {"alt": "Two dots", "caption": "A dot is a VAE.", "spec": spec}
    names = {"verdicts-quick-digits": "", "decoded-quick-jax": "", "latent_plane": "", "close-quick": WORDS.claim}
    figures = [Figure(name=name, claim=claim, title=f"What {name} shows", **told) for name, claim in names.items()]
    return gather(Store(results), figures, None, None)
