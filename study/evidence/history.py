"""What was recorded under another rule, or an earlier registration: kept as it was, pinned, and never judged again.

``<results>/history/<seed root>/<scale>/<backend>/`` holds the files as they were recorded, and ``history/index.json``
the SHA-256 of each, with the rule that they were judged by. They are not read by the present schema.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import msgspec

from study.errors import EvidenceError, InvalidValue
from study.evidence import counterexample
from study.runtime.files import publish

FOLDER, INDEX = "history", "index.json"
FIGURE_DATA, MANIFEST = "figure-data", "manifest.json"
HEADINGS = ("Claim", "Run", "Seed root", "Words", "Rule", "Moved", "Reason")


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The evidence of one claim at one scale, on one backend, as it was.

    Attributes:
        claim: Claim id.
        scale: Scale of the evidence.
        backend: Backend that trained.
        seed_root: Seed root of the trials.
        rule: The rule that it was judged by.
        reason: Why it was moved here.
        moved: When, an ISO date.
        verdicts: Word → number of rows.
        files: Path beneath ``history/`` → SHA-256; what came with it, manifest and figure data, too.
    """

    claim: str
    scale: str
    backend: str
    seed_root: str
    rule: str
    reason: str
    moved: str
    verdicts: Mapping[str, int]
    files: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Index:
    """What is kept, in the order in which it was moved; its format is its own, and outlives the schema of evidence."""

    format: Literal[1] = 1
    kept: tuple[Kept, ...] = ()


def read(results: Path) -> tuple[Kept, ...]:
    """Return what is kept; nothing where there is no history.

    Raises:
        EvidenceError: The index is damaged.
    """
    path = results / FOLDER / INDEX
    if not path.exists():
        return ()
    try:
        return msgspec.json.decode(path.read_bytes(), type=Index).kept
    except (OSError, msgspec.MsgspecError) as error:
        raise EvidenceError(f"{path}: expected the index of history, received an error: {error}.") from error


def cells(one: Kept) -> list[str]:
    """Return what a table says of it, under :data:`HEADINGS`."""
    words = ", ".join(f"{count} {word}" for word, count in one.verdicts.items())
    run = f"{one.scale}, {one.backend}"
    return [one.claim, run, one.seed_root, words, one.rule, one.moved, one.reason]


def said(results: Path) -> str:
    """Say on a line what is kept; nothing where there is no history."""
    kept = read(results)
    if not kept:
        return ""
    rows = sum(sum(one.verdicts.values()) for one in kept)
    roots = ", ".join(f"`{root}`" for root in sorted({one.seed_root for one in kept}))
    rules = ", ".join(sorted({one.rule for one in kept}))
    return f"{rows} earlier rows (rule: {rules}; seed root {roots}) are kept in `{FOLDER}/` and never judged again."


def changed(results: Path) -> list[str]:
    """Name every file of history that is not as it was kept, is gone, or was added."""
    root, pinned = results / FOLDER, {path: digest for one in read(results) for path, digest in one.files.items()}
    there = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()} - {INDEX}
    found = [f"{root / path}: gone" for path in sorted(set(pinned) - there)]
    found += [f"{root / path}: changed" for path in sorted(set(pinned) & there) if _digest(root / path) != pinned[path]]
    return found + [f"{root / path}: not in the index" for path in sorted(there - set(pinned))]


def check_fresh(results: Path, claim: str, root: str) -> None:
    """Make sure that a claim that was registered anew has a seed root on which it was not seen before.

    Raises:
        EvidenceError: History holds evidence of it on this root.
    """
    if any((one.claim, one.seed_root) == (claim, root) for one in read(results)):
        seen = f"its data on {root!r} were seen before, and are kept in {results / FOLDER}"
        raise EvidenceError(f"{claim}: expected a seed_root of its own, as {seen}.")


def move(results: Path, claims: Sequence[str], *, rule: str, reason: str, moved: str) -> list[Kept]:
    """Move all that is recorded of some claims into history.

    The manifest of a run is copied beside it; once no evidence is left there, manifest and figure data move along.

    Args:
        results: Folder of the evidence.
        claims: Claim ids.
        rule: The rule that it was judged by.
        reason: Why it is moved.
        moved: Today, an ISO date.

    Raises:
        InvalidValue: Nothing is recorded of a claim.
        EvidenceError: A file is damaged, or history has evidence of this claim and seed root already.
    """
    known = {claim: sorted(results.glob(f"*/*/{claim}.json")) for claim in claims if re.fullmatch(r"[\w.-]+", claim)}
    if gone := [claim for claim in claims if not known.get(claim)]:
        raise InvalidValue("claim", gone[0], f"a claim with evidence in {results}")
    kept = read(results)
    found: list[Kept] = []
    for path in (path for paths in known.values() for path in paths):
        root, verdicts = _read(path)
        scale, backend = path.parts[-3:-1]
        if (target := results / FOLDER / root / scale / backend / path.name).exists():
            raise EvidenceError(f"{target}: expected no history of this claim and seed root yet.")
        one = Kept(
            claim=path.stem, scale=scale, backend=backend, seed_root=root, rule=rule, reason=reason, moved=moved,
            verdicts=verdicts, files={},
        )  # fmt: skip
        found.append(one)
    last = {(one.scale, one.backend): one for one in found}.values()
    found = [replace(one, files=_moved(results, one, last=one in last)) for one in found]
    index = msgspec.json.format(msgspec.json.encode(Index(kept=(*kept, *found))), indent=1)
    publish(results / FOLDER / INDEX, index + b"\n")
    return found


def _moved(results: Path, one: Kept, *, last: bool) -> dict[str, str]:
    """Move the files of an entry, the last of a run with what stands beside; return new paths, and their SHA-256."""
    here, there = results / one.scale / one.backend, Path(one.seed_root, one.scale, one.backend)
    whole = {path.name for path in here.glob("*.json")} <= {MANIFEST, f"{one.claim}.json"}
    found = sorted(here.glob(f"{counterexample.FOLDER}/{one.claim}/*.json"))
    names = {name: name for name in (f"{one.claim}.json", *(path.relative_to(here).as_posix() for path in found))}
    if last and whole:
        along = [MANIFEST, *(path.relative_to(here).as_posix() for path in sorted(here.glob(f"{FIGURE_DATA}/*.json")))]
        names |= {name: name for name in along}
    elif last:
        names[MANIFEST] = f"{one.claim}.{MANIFEST}"
    files = {}
    for name, new in names.items():
        if (here / name).exists():
            path = (there / new).as_posix()
            publish(results / FOLDER / path, (here / name).read_bytes())
            files[path] = _digest(results / FOLDER / path)
            if name == new:
                (here / name).unlink()
    return files


def _read(path: Path) -> tuple[str, dict[str, int]]:
    """Return seed root and words of a file of any schema."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
        (root,) = {row["seed_root"] for row in rows}
        if root in ("", ".", "..") or Path(root).name != root or not root.isprintable():
            raise ValueError(f"a seed root that names no folder, {root!r}")
        return root, dict(sorted(Counter(row["verdict"] for row in rows).items()))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EvidenceError(f"{path}: expected evidence of one seed root, received an error: {error!r}.") from error


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
