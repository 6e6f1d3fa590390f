"""Predictions that evidence overturned: ``predictions.toml``, beside the files of the claims.

A prediction is a field of its claim, and stays there. Once evidence contradicts it, an entry here says so: on that data
set the row is exploratory on the seed root that overturned it, since a new prediction would be hindsight there, and on
other seeds the word that was found is predicted. On other data the first prediction stands.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from study.errors import EvidenceError
from study.verdicts.kinds import Verdict

if TYPE_CHECKING:
    from study.design.claim import Claim

NAME = "predictions.toml"
SEARCH = {"form": "every VAE"}
"""Parameters of the row of a search."""


class Overturned(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One prediction that evidence overturned.

    Attributes:
        claim: Claim id.
        parameters: The row's parametrisation.
        predicted: The verdict that was predicted.
        dated: When it was predicted; None where nobody wrote it down.
        found: The verdict that was found.
        overturned: When.
        data: Data set.
        scale: Scale of the evidence.
        backends: Backends that found it.
        seed_root: Seed root of the evidence.
        rule: The rule that the evidence was judged by, if it is history: such an entry says nothing of today's rows.
        note: Anything else; may be "".
    """

    claim: str
    parameters: dict[str, str]
    predicted: Verdict
    dated: date | None = None
    found: Verdict
    overturned: date
    data: str
    scale: str
    backends: list[str]
    seed_root: str
    rule: str = ""
    note: str = ""

    def __str__(self) -> str:
        """Return it as a row carries it."""
        where = ", ".join([self.data, self.scale, *self.backends, f"seed root {self.seed_root}"])
        return f"{self.predicted.value}, overturned on {self.overturned} ({where})"


def read(folder: Path) -> tuple[Overturned, ...]:
    """Read the overturned predictions of a folder of claims; none where it has no such file.

    Raises:
        EvidenceError: The file is damaged, or an entry is; the entry's claim is named.
    """
    path = folder / NAME
    if not path.is_file():
        return ()
    try:
        if not (text := path.read_text(encoding="utf-8")).strip():
            raise ValueError("it is empty")
        tables = tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise EvidenceError(f"{path}: expected TOML, received an error: {error}.") from error
    if stray := set(tables) - {"overturned"}:
        raise EvidenceError(f"{path}: expected only tables [[overturned]], received {sorted(stray)}.")
    return tuple(_entry(path, entry) for entry in tables.get("overturned", []))


def _entry(path: Path, entry: object) -> Overturned:
    try:
        return msgspec.convert(entry, Overturned)
    except msgspec.ValidationError as error:
        claim = entry.get("claim") if isinstance(entry, dict) else None
        raise EvidenceError(
            f"{path}: {str(claim or 'an entry')[:100]}: expected an overturned prediction: {error}."
        ) from error


def check(overturned: Iterable[Overturned], claim: Claim) -> None:
    """Refuse an entry about a row that its claim does not declare; history may be about rows that are no more.

    Raises:
        EvidenceError: Naming the claim and the row.
    """
    declared = {name: set(map(str, values)) for name, values in claim.parameters.items()}
    for one in overturned:
        if one.claim != claim.id or one.rule:
            continue
        search = one.parameters == SEARCH and claim.search is not None
        known = set(one.parameters) == set(declared) and all(v in declared[k] for k, v in one.parameters.items())
        if not (search or known):
            raise EvidenceError(f"{NAME}: {one.claim}: expected a row of the claim, received {one.parameters}.")


def of_row(
    overturned: Iterable[Overturned], claim: str, parameters: Mapping[str, str], data: str
) -> tuple[Overturned, ...]:
    """Return the entries about a row on a data set, history left out."""
    return tuple(
        one
        for one in overturned
        if (one.claim, one.parameters, one.data, one.rule) == (claim, dict(parameters), data, "")
    )
