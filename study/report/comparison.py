"""A run beside the recorded evidence: on how many rows both have one word, which differ, and how to look at either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from study.evidence.records import ClaimWords, Identity, VerdictRow
from study.evidence.store import Store
from study.report import phrases, summary, text


def beside(rows: Sequence[VerdictRow], store: Store, folder: Path, other: Path) -> list[str]:
    """Compare rows with the evidence of a store, a paragraph for each scale and backend of theirs.

    Where their backend has none, another is compared with, by name.

    Args:
        rows: The rows.
        store: What is compared with.
        folder: Where the rows lie, as a command names it.
        other: Where the others lie, as a command names it.

    Returns:
        Lines; none where the store holds no evidence, or nothing but these rows.

    Raises:
        EvidenceError: Evidence of the store is damaged.
    """
    known, claims = store.rows(), store.claims()
    lines = []
    for scale, backend in dict.fromkeys((row.scale, row.backend) for row in rows):
        ours = [row for row in rows if (row.scale, row.backend) == (scale, backend)]
        there = sorted({row.backend for row in known if row.scale == scale})
        chosen = backend if backend in there or not there else there[0]
        theirs = {row.identity: row for row in known if (row.scale, row.backend) == (scale, chosen)}
        if known:
            lines += _run(ours, theirs, scale, (backend, chosen), str(other), claims)
    if lines:
        lines += ["look at either:", *(f"  study verdicts --results {place}" for place in (folder, other))]
    return lines


def _run(
    ours: Sequence[VerdictRow],
    theirs: Mapping[Identity, VerdictRow],
    scale: str,
    backends: tuple[str, str],
    other: str,
    claims: Mapping[str, ClaimWords],
) -> list[str]:
    """Compare the rows of one scale and backend with those of one backend."""
    if not theirs:
        return [f"Nothing is recorded at scale {scale} in {other}."]
    backend, chosen = backends
    absent = f"{backend} is not recorded at scale {scale} in {other}; compared with {chosen}: "
    pairs = [(row, theirs[row.identity]) for row in summary.ordered(ours) if row.identity in theirs]
    lacking = len(ours) - len(pairs)
    moved = [row for row, recorded in pairs if row.fingerprint != recorded.fingerprint]
    pairs = [pair for pair in pairs if pair[0].fingerprint == pair[1].fingerprint]
    differing = [pair for pair in pairs if pair[0].verdict != pair[1].verdict]
    said = f"{len(pairs) - len(differing)} of {text.plural(len(pairs), 'row')} came to the word recorded in {other}"
    lines = [
        (absent if chosen != backend else "")
        + f"{said} ({scale}, {chosen})"
        + ("; these differ:" if differing else ".")
    ] * bool(pairs)
    for row, recorded in differing:
        name = phrases.named(row, claims[row.claim].words)
        lines.append(f"  {row.claim}, {name} ({row.data}): {_found(row)}; recorded {_found(recorded)}")
    if moved:
        names = text.listing(f"{row.claim}, {phrases.named(row, claims[row.claim].words)}" for row in moved)
        lines.append(f"Not compared, as threshold, contexts or estimand are not those recorded in {other}: {names}.")
    if lacking:
        lines.append(f"{text.plural(lacking, 'row')} of this run {'is' if lacking == 1 else 'are'} not recorded there.")
    return lines


def _found(row: VerdictRow) -> str:
    return f"{row.verdict} ({text.count(row)}; {text.interval(row.median, row.low, row.high)})"
