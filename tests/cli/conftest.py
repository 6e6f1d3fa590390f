"""What the tests of the commands share: planted evidence and benchmarks, and a way to call a command."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from study.cli.main import main
from study.evidence.judging import Terms, judge
from study.evidence.records import ClaimWords, Evidence, Observation
from study.evidence.store import Store

DIFFERS, APPROACHES = "per_sample_posterior_differs", "aggregate_posterior_approaches_prior"
TERMS = Terms(
    claim=DIFFERS, parameters={"measure": "kl_p5"}, data="digits", scale="quick", backend="jax", device="cpu",
    kind="every", threshold=0.5, unit="nats", looks=(8,), predicted="SUPPORTED", contexts=("a", "b", "c"),
)  # fmt: skip
OTHER = replace(TERMS, parameters={"measure": "dimension_kl_p5"}, predicted="REFUTED")
OPEN = replace(TERMS, claim=APPROACHES, parameters={"axis": "width"}, kind="most", predicted="")


@pytest.fixture
def study() -> Callable[..., Result]:
    """Call ``study`` with these arguments."""
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


def observed(terms: Terms, values: list[float], of: int = 8) -> list[Observation]:
    """Plant the same values in every context."""
    who = {"claim": terms.claim, "parameters": terms.parameters, "data": terms.data}
    ends = [values[replica % len(values)] for replica in range(of)]
    return [
        Observation(**who, context=context, replica=replica, low=end, high=end)
        for context in terms.contexts
        for replica, end in enumerate(ends)
    ]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Evidence of one backend: every VAE does, a counterexample, and too few replicas."""
    store = Store(tmp_path / "results")
    for terms, values in ((TERMS, [1.25, 1.5]), (OTHER, [0.125]), (OPEN, [0.25, 0.75])):
        found = observed(terms, values)
        fresh = observed(terms, values, 16) if terms is OTHER else []
        row, _ = judge(terms, found, 8, fresh=fresh)
        store.update(Evidence.gather(ClaimWords(claim=terms.claim), row, found, fresh, terms.contexts))
    return store.root


@pytest.fixture
def timed(results: Path) -> Path:
    """Benchmarks beside the evidence: one import."""
    info = {"kind": "import", "statement": "import study", "threads": 2}
    one = {"params": None, "extra_info": info, "stats": {"median": 0.25}}
    machine = {"cpu": {"brand_raw": "Planted 3000", "count": 2}}
    content = {"machine_info": machine, "benchmarks": [one], "datetime": "2026-11-22T18:04:11"}
    (results / "benchmarks").mkdir()
    (results / "benchmarks" / "jax.json").write_text(json.dumps(content), encoding="utf-8")
    return results
