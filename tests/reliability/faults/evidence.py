"""Evidence of one claim, judged as the study judges: of most VAEs, of every VAE, and a search with a counterexample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from study.evidence.judging import Terms, judge
from study.evidence.records import ClaimWords, Evidence, Observation
from study.evidence.store import Store

CONTEXTS = ("activation=relu, decoder_depth=1", "activation=tanh, decoder_depth=1")
TERMS = Terms(
    claim="planted", parameters={"row": "a"}, data="digits", scale="quick", backend="jax", device="cpu", kind="most",
    threshold=0.5, unit="nats", looks=(8,), predicted="SUPPORTED", seed_root="vae-claims-3", contexts=CONTEXTS,
)  # fmt: skip
VALUES = {"most": (1.25, 1.5), "every": (0.125, 0.25), "search": (0.125, 0.25)}


def rows(terms: Terms = TERMS, words: str = "", kinds: Sequence[str] = tuple(VALUES)) -> list[Evidence]:
    """Judge planted values; one piece of evidence a row."""
    found = []
    for kind in kinds:
        values = VALUES[kind]
        sizes = (10, 20) if kind == "search" else ()
        one = replace(terms, kind=kind, parameters={"row": f"{kind}{words}"}, sizes=sizes)
        seen = [
            Observation(
                claim=one.claim, parameters=one.parameters, data=one.data, context=context, replica=replica,
                low=values[replica % 2], high=values[replica % 2],
            )
            for context in one.contexts
            for replica in range(16)
        ]  # fmt: skip
        observed, fresh = [o for o in seen if o.replica < 8], seen if kind != "most" else []
        row, _ = judge(one, observed, 8, fresh=fresh)
        about = ClaimWords(
            claim=one.claim, statement=f"A sentence{words}.", source=f"somebody{words}", chapter=f"1. Chapter{words}",
            question=f"A question{words}?", quotation=f"A quotation{words}.", words={f"{kind}{words}": f"word{words}"},
            means={f"{kind}{words}": {"SUPPORTED": f"it holds{words}", "REFUTED": f"it does not{words}"}},
        )  # fmt: skip
        found.append(Evidence.gather(about, row, observed, fresh, one.contexts))
    return found


def planted() -> Evidence:
    """Return the evidence, all rows in one."""
    found = rows()
    return replace(
        found[0],
        rows=tuple(row for one in found for row in one.rows),
        observations=tuple(seen for one in found for seen in one.observations),
    )


def written(root: Path, terms: Terms = TERMS, words: str = "", kinds: Sequence[str] = tuple(VALUES)) -> Store:
    """Write the evidence into a folder."""
    store = Store(root)
    for one in rows(terms, words, kinds):
        store.update(one)
    return store
