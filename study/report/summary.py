"""What the verdict rows say together: counts, agreement of backends, surprises."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from study.evidence.records import GIVEN, ClaimWords, VerdictRow
from study.report.words import SPLIT, VERDICTS
from study.verdicts.kinds import Kind

SCALES = ("quick", "standard", "full")
NAMED = 3
"""Claims that a line names; of more it says how many there are."""
BACKENDS = ("jax", "tensorflow", "torch")


def _position(order: Sequence[str], name: str) -> tuple[int, str]:
    return (order.index(name) if name in order else len(order), name)


def natural(words: str) -> list[tuple[bool, float, str]]:
    """Sort numbers by size, within words, too, and before words: 16 latents stand after 2."""
    parts = re.findall(r"\d+(?:\.\d+)?|\D+", words)
    return [(False, float(part), "") if part[0].isdigit() else (True, 0.0, part) for part in parts]


def ordered(rows: Iterable[VerdictRow]) -> list[VerdictRow]:
    """Sort rows for reading: by claim, row, scale, backend."""
    return sorted(
        rows,
        key=lambda row: (
            row.claim,
            tuple((name, natural(value)) for name, value in row.parameters.items()),
            row.data,
            _position(SCALES, row.scale),
            row.backend,
        ),
    )


def chapters(claims: Mapping[str, ClaimWords]) -> dict[str, list[str]]:
    """Sort claims into chapters: chapters by name, claims by id, those without a chapter last."""
    found: dict[str, list[str]] = {}
    for claim, words in sorted(claims.items(), key=lambda item: (not item[1].chapter, item[1].chapter, item[0])):
        found.setdefault(words.chapter or "Other claims", []).append(claim)
    return found


def count(verdicts: Iterable[str]) -> dict[str, int]:
    """Count verdicts, those that occur only, in the order of :data:`VERDICTS`."""
    counts = Counter(verdicts)
    return {verdict: counts[verdict] for verdict in VERDICTS if counts[verdict]}


def consensus(rows: Iterable[VerdictRow]) -> str:
    """Return what the backends of one row say together: whatever was decided, unless both ways."""
    decided = {row.verdict for row in rows} - {"INCONCLUSIVE"}
    return SPLIT if len(decided) > 1 else decided.pop() if decided else "INCONCLUSIVE"


def by_row(rows: Iterable[VerdictRow]) -> dict[tuple[Any, ...], list[VerdictRow]]:
    """Group rows that differ in nothing but the backend."""
    groups: dict[tuple[Any, ...], list[VerdictRow]] = {}
    for row in ordered(rows):
        groups.setdefault((row.identity, row.scale), []).append(row)
    return groups


def surprises(rows: Iterable[VerdictRow]) -> list[list[VerdictRow]]:
    """Return the rows whose decided verdict contradicts the prediction, or overturned it, grouped over backends."""
    return list(by_row(row for row in rows if contradicts(row)).values())


def contradicts(row: VerdictRow) -> bool:
    """Whether a row's evidence contradicts what was predicted of it, be the prediction overturned since."""
    return row.contradicts(row.predicted or row.overturned.partition(",")[0])


def gaps(rows: Sequence[VerdictRow]) -> list[str]:
    """Say what has no evidence: scales, backends, devices, and claims that only some runs judged.

    Rows about what the study did not train say nothing of that, nor do identities.
    """
    rows = [row for row in rows if row.backend != GIVEN and row.kind != Kind.EXACT]
    runs = {(row.scale, row.backend) for row in rows}
    claims = {row.claim for row in rows}
    missing = []
    for scale in SCALES:
        absent = [backend for backend in BACKENDS if (scale, backend) not in runs]
        if len(absent) == len(BACKENDS):
            missing.append(f"Scale `{scale}`: not run on any backend.")
        elif absent:
            missing.append(f"Scale `{scale}`: not run on {', '.join(absent)}.")
    if rows and all("cpu" in row.device.lower() for row in rows):
        missing.append(
            "GPU: not run; every row was trained on a CPU. So verdicts with TF32 products, which only a GPU has, "
            "were not compared with these."
        )
    for scale, backend in sorted(runs, key=lambda run: (_position(SCALES, run[0]), run[1])):
        here = {row.claim for row in rows if (row.scale, row.backend) == (scale, backend)}
        if lacking := sorted(claims - here):
            which = (
                ", ".join(f"`{c}`" for c in lacking)
                if len(lacking) <= NAMED
                else (f"{len(lacking)} of {len(claims)} claims")
            )
            missing.append(f"Scale `{scale}` on {backend}: no row of {which}.")
    counted: dict[tuple[str, ...], list[VerdictRow]] = {}
    for row in rows:
        if row.kind == Kind.MOST:
            counted.setdefault((row.scale, row.backend, row.claim, row.data), []).append(row)
    for (scale, backend, claim, data), members in counted.items():
        if (left := max(row.declared for row in members) - len(members)) > 0:
            missing.append(
                f"Scale `{scale}` on {backend}: {left} of {left + len(members)} rows of `{claim}` on {data} not run."
            )
    return missing
