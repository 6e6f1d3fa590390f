"""What much of something takes a fresh process: its seconds, and its peak of memory; printed as JSON.

``python -m bench.load WHAT SIZE FOLDER``, where WHAT is ``plan`` or ``cache``, or ``make-cache`` or ``make-evidence``,
which write what there is to be read; ``evidence`` is read by the study's own commands.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.memory import peak

WIDTHS, BLOCKS = 40, 250
"""Architectures of the blocks that are planned; and blocks that are looked up in a cache, whatever its size."""
ROWS = 100
"""Rows of a claim, each of three contexts of eight VAEs."""
MEASURES = ("rate", "marginal_kl", "coverage_ratio")


def blocks(size: int) -> Iterator[Any]:
    """Yield so many blocks of 8 VAEs."""
    from study.lab.artefacts import Block, Setting
    from study.vae.config import VAEConfig

    setting = Setting(backend=os.environ["KERAS_BACKEND"])
    for number in range(size):
        width = 8 + number % WIDTHS
        yield Block(VAEConfig(data="digits", encoder_width=width, decoder_width=width), number // WIDTHS, setting)


def plan(size: int, folder: Path) -> None:
    """Plan a run that wants so many blocks, of which none is in the store."""
    from study.lab.plan import plan as planned
    from study.measures.registry import Measure

    wanted = {block: {Measure.of(name) for name in MEASURES} for block in blocks(size)}
    found = planned(_engine(folder), wanted)
    assert found.blocks == size


def cache(size: int, folder: Path) -> None:
    """Look 250 blocks up in a cache of so many files, and list none of its folders."""
    listed: list[str] = []

    def watch(event: str, told: tuple[Any, ...]) -> None:
        if event in ("os.listdir", "os.scandir") and str(told[0]).startswith(str(folder)):
            listed.append(f"{event} {told[0]}")

    sys.addaudithook(watch)
    missing = _engine(folder).missing({block: {_measure()} for block in blocks(BLOCKS)})
    assert (missing, listed) == ({}, [])


WHAT = {"plan": plan, "cache": cache}


def make_cache(size: int, folder: Path) -> None:
    """Put 250 blocks into a cache, and files of others, so many in all."""
    import numpy as np

    from study.lab.store import Store
    from study.measures.tools.bracket import Bracket

    store, ones = Store(folder), np.ones(8)
    arrays = {f"{split}_{name}": np.ones((8, 2, 2)) for split in ("train", "heldout") for name in ("mean", "log_var")}
    about = {"epochs": 1, "device": "cpu", "seconds": 1.0, "finite": [True] * 8}
    for block in blocks(BLOCKS):
        store.publish_training(block, {"weight": np.ones((8, 2), np.float32)}, about)
        store.publish_posteriors(block, arrays)
        store.publish_value(block, _measure(), Bracket(ones, ones))
    for number in range(size - 4 * BLOCKS):
        key = f"{number // 4 * 0x9E3779B97F4A7C15 % 2**64:016x}" * 4
        other = folder / key[:2] / key
        other.mkdir(parents=True, exist_ok=True)
        (other / f"rate-{number % 4}.json").write_bytes(b"{}")


def make_evidence(size: int, folder: Path) -> None:
    """Write evidence of so many rows, 100 a claim, judged as the study judges."""
    import numpy as np

    from study.evidence.judging import Terms, judge
    from study.evidence.records import ClaimWords, Evidence, Observation
    from study.evidence.store import Store

    rng, store = np.random.default_rng(20261130), Store(folder)
    contexts = tuple(f"activation={name}, decoder_depth=1" for name in ("relu", "tanh", "softplus"))
    for claim in range(size // ROWS):
        pieces = []
        for row in range(ROWS):
            terms = Terms(
                claim=f"planted_{claim}", parameters={"row": f"row-{row}"}, data="digits", scale="quick", backend="jax",
                device="cpu", kind="most", threshold=0.5, unit="nats", looks=(8,), predicted="SUPPORTED",
                seed_root="vae-claims-3", contexts=contexts,
            )  # fmt: skip
            seen = [
                Observation(
                    claim=terms.claim, parameters=terms.parameters, data=terms.data, context=context, replica=replica,
                    low=(value := round(float(rng.normal(0.2 + 0.8 * (row % 2), 0.3)), 6)), high=value,
                )
                for context in contexts
                for replica in range(8)
            ]  # fmt: skip
            judged, _ = judge(terms, seen, 8, fresh=[])
            about = ClaimWords(claim=terms.claim, statement=f"Sentence {claim}.", source="nobody", chapter="1. One")
            pieces.append(Evidence.gather(about, judged, seen, [], contexts))
        rows = tuple(row for piece in pieces for row in piece.rows)
        observations = tuple(seen for piece in pieces for seen in piece.observations)
        store.update(replace(pieces[0], rows=rows, observations=observations))


def _engine(folder: Path) -> Any:
    from study.lab.artefacts import Setting
    from study.lab.run import Engine
    from study.lab.store import Store

    return Engine(Store(folder), Setting(backend=os.environ["KERAS_BACKEND"]))


def _measure() -> Any:
    from study.measures.registry import Measure

    return Measure.of("rate")


if __name__ == "__main__":
    answers, sys.stdout = sys.stdout, sys.stderr
    what, size, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    if what.startswith("make-"):
        {"make-cache": make_cache, "make-evidence": make_evidence}[what](size, folder)
    else:
        began = time.perf_counter()
        WHAT[what](size, folder)
        print(json.dumps({"seconds": time.perf_counter() - began, "peak": peak()}), file=answers)
