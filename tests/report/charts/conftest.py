"""Planted evidence with its dots, and what a specification draws."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from study.evidence.figure_data import Decoded, Information
from study.evidence.fingerprint import Registration
from study.evidence.records import ClaimWords, Evidence, Observation
from study.evidence.store import Store
from study.verdicts.judgement import InContext

RELU, TANH = "activation=relu, decoder_depth=1", "activation=tanh, decoder_depth=1"
WORDS = ClaimWords(
    claim="planted",
    statement="The mixture is close to the prior.",
    chapter="2. Second",
    question="Is it close?",
    words={"w1-D2": "it is close: KL weight 1, 2 latents", "w1-D16": "it is close: KL weight 1, 16 latents"},
)
EVERY = ClaimWords(claim="every", statement="It holds of every VAE.", chapter="1. First")
REPLICAS = 8


def _observed(row: Any, context: str, numbers: list[tuple[float, float]]) -> list[Observation]:
    shared = {"claim": row.claim, "parameters": row.parameters, "data": row.data, "context": context}
    return [Observation(**shared, replica=i, low=low, high=high) for i, (low, high) in enumerate(numbers)]


@pytest.fixture(scope="session")
def plant(make_row: Callable[..., Any]) -> Callable[..., Evidence]:
    """Make evidence on rows ``w1-D2``, ``w1-D16`` and ``w0.5-D2``: values rise with the replica, one diverged."""

    def make(backend: str = "jax", verdict: str = "SUPPORTED", scale: str = "quick", data: str = "digits") -> Evidence:
        found = []
        for place, name in enumerate(("w1-D16", "w1-D2", "w0.5-D2")):
            asked = {RELU: f"rate(of {RELU}, kl_weight={name.removeprefix('w').partition('-')[0]})"}
            fixed = Registration(kind="most", threshold="0.5", declared=3, contexts=(RELU, TANH), asked=asked)
            row = make_row(
                registration=fixed,
                claim="planted", parameters={"row": name}, backend=backend, verdict=verdict, scale=scale, data=data,
                threshold=0.5, zero=0.0, low=0.6, median=0.7, high=0.8,
            )  # fmt: skip
            numbers = [(place + i / 10, place + i / 10 + (0.01 if name == "w1-D2" else 0)) for i in range(REPLICAS)]
            relu, tanh = numbers, [*numbers[:-1], (math.nan, math.nan)]
            seen = [*_observed(row, RELU, relu), *_observed(row, TANH, tanh)]
            found.append(Evidence.gather(WORDS, row, seen))
        rows = tuple(row for one in found for row in one.rows)
        series = tuple(s for one in found for s in one.observations)
        fields = {name: getattr(found[0], name) for name in Evidence.__dataclass_fields__}
        return Evidence(**fields | {"rows": rows, "observations": series})

    return make


@pytest.fixture(scope="session")
def plant_every(make_row: Callable[..., Any]) -> Evidence:
    """Evidence of every VAE: two architectures, KL weights 1 and 0.25; at weight 0.25 it is lowest."""
    contexts = [f"{one}, kl_weight={weight}, latent_dim=2" for one in (RELU, TANH) for weight in (1.0, 0.25)]
    said = [
        InContext(context=one, replicas=8, reach=8, short=0, median=2.0 - ("0.25" in one), verdict="SUPPORTED",
                  applicable=True)
        for one in contexts
    ]  # fmt: skip
    row = make_row(claim="every", parameters={}, kind="every", contexts=tuple(said), count=4, reach=4, short=0)
    seen = [o for one in said for o in _observed(row, one.context, [(one.median + i / 100,) * 2 for i in range(8)])]
    return Evidence.gather(EVERY, row, seen)


@pytest.fixture(scope="session")
def plant_search(make_row: Callable[..., Any]) -> Evidence:
    """Evidence of a search: three VAEs, the last of which falls short, again on fresh seeds."""
    sizes = {f"latent_dim={d}, width=8, kl_weight=1.0": 100 * d for d in (2, 4, 16)}
    last = list(sizes)[-1]
    said = [
        InContext(context=one, replicas=8, reach=8, short=0, median=1.0, verdict="SUPPORTED", applicable=True)
        for one in sizes
    ]
    row = make_row(
        claim="every", parameters={"form": "every VAE"}, kind="search", examined=sizes, contexts=tuple(said),
        verdict="REFUTED", reason="counterexample confirmed", note=f"smallest found: {last} (1600 parameters)",
    )  # fmt: skip
    seen = [o for one in sizes for o in _observed(row, one, [(1.0, 1.0)] * 8)]
    return Evidence.gather(EVERY, row, seen, _observed(row, last, [(0.1, 0.1)] * 16))


@pytest.fixture
def store(tmp_path: Any, plant: Callable[..., Evidence], plant_every: Evidence) -> Store:
    """A store with the planted evidence."""
    store = Store(tmp_path / "results")
    store.update(plant())
    store.update(plant_every)
    return store


@pytest.fixture(scope="session")
def decoded() -> list[Decoded]:
    """Figure data of two weights: four images of two by two pixels from each sampler."""
    images = dict.fromkeys(("prior", "aggregate", "gaussian_mixture", "data"), ("0f0f", "ffff", "0000", "f00f"))
    shared: dict[str, Any] = {"data": "digits", "context": RELU, "latent_dim": 8, "side": 2, "images": images}
    return [Decoded(kl_weight=weight, **shared) for weight in (0.25, 1.0)]


@pytest.fixture(scope="session")
def information() -> list[Information]:
    """Figure data of two weights, two architectures 0.2 nats apart; at the smaller weight a third is marginal KL."""
    rows = []
    for one, more in ((RELU, 0.0), (TANH, 0.2)):
        for weight, rate, marginal in ((0.25, 6.0, 2.0), (1.0, 4.0, 0.4)):
            context = f"{one}, kl_weight={weight}, latent_dim=2"
            ends = {
                "rate": (rate + more, None),
                "marginal_kl": (marginal, None),
                "mutual_information": (rate + more - marginal, None),
            }
            rows.append(Information(data="digits", context=context, kl_weight=weight, latent_dim=2, **ends))
    return rows


@pytest.fixture(scope="session")
def drawn() -> Callable[[Mapping[str, Any]], list[list[dict[str, str]]]]:
    """What a specification draws: the rows of each of its tables, as text."""

    def read(spec: Mapping[str, Any]) -> list[list[dict[str, str]]]:
        return [list(csv.DictReader(io.StringIO(table))) for table in spec["datasets"].values()]

    return read


@pytest.fixture(scope="session")
def values() -> Callable[[object, str], list[Any]]:
    """All that stands in a specification under a key."""

    def find(spec: object, key: str) -> list[Any]:
        return list(_values(spec, key))

    return find


def _values(spec: object, key: str) -> Iterator[Any]:
    items = spec.items() if isinstance(spec, Mapping) else enumerate(spec) if isinstance(spec, list) else ()
    for name, value in items:
        if name == key:
            yield value
        yield from _values(value, key)
