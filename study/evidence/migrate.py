"""Turn recorded evidence of schema 1 into schema 2, once: ``python -m study.evidence.migrate results --claims claims``.

What schema 1 left to the claim's module is taken from it: statement, source, chapter, question, words, declared rows.
Everything is read and checked before anything is written; then each file is replaced whole. Files of schema 2 stay.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import click
import msgspec

from study.design.claim import Claim
from study.design.contexts import grid_contexts
from study.design.grids import SEARCH_GRID
from study.errors import EvidenceError, StudyError
from study.evidence import serialise
from study.evidence.figure_data import FigureFile, LatentPlane, MarginalKL
from study.evidence.manifest import Manifest
from study.evidence.records import FRESH, ClaimWords, Evidence
from study.evidence.store import FIGURE_DATA, MANIFEST
from study.runtime.files import publish
from study.verdicts import looks

FIGURES: Mapping[str, Any] = {
    "marginal_kl": FigureFile[MarginalKL],
    "latent_plane": FigureFile[LatentPlane],
}
FAILURE = re.compile(r"(\d+)% of replicas in ([^;]+)")


def migrate(results: Path, claims: Path) -> list[Path]:
    """Turn every file of schema 1 below a folder into schema 2.

    Args:
        results: Folder of the evidence.
        claims: Folder of the claims' modules, ``test_<id>.py``.

    Returns:
        The files written.

    Raises:
        EvidenceError: A file cannot be turned; then nothing is written.
    """
    old = {path: _read(path) for path in sorted(results.glob("*/*/**/*.json"))}
    pages: dict[Path, tuple[Path, str]] = {}
    for path, content in old.items():
        if content.get("schema") == serialise.SCHEMA:
            continue
        try:
            pages[path] = _migrated(path, content, claims)
        except (KeyError, TypeError, ValueError, msgspec.MsgspecError) as error:
            raise EvidenceError(f"{path}: expected evidence of schema 1, received {error!r}.") from error
    for path, (target, text) in pages.items():
        publish(target, text)
        if target != path:
            path.unlink()
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
    return [target for target, _ in pages.values()]


def _migrated(path: Path, content: dict[str, Any], claims: Path) -> tuple[Path, str]:
    """Return where a file belongs, and its text."""
    if content.pop("schema", None) != 1:
        raise ValueError("another schema")
    if path.parent.name == "exhibits":
        record = msgspec.convert(content, FIGURES[path.stem])
        return path.parents[1] / FIGURE_DATA / path.name, serialise.page(record, path.stem)
    if path.stem == MANIFEST:
        return path, serialise.page(msgspec.convert(content, Manifest), MANIFEST)
    claim = _claim(claims, content["claim"])
    rows = [_row(row, claim, content["observations"]) for row in content["rows"]]
    words = msgspec.to_builtins(ClaimWords.of(claim))
    return path, serialise.page(msgspec.convert(content | words | {"rows": rows}, Evidence), path.stem)


def _row(row: dict[str, Any], claim: Claim, observations: list[dict[str, Any]]) -> dict[str, Any]:
    """Add to a row what it was judged by, which schema 1 knew from the claim, the scale and the note."""
    allowed, alpha = looks.allowed(row["scale"])
    seen = {
        series["context"]: len(series["replicas"])
        for series in observations
        if (series["parameters"], series["data"]) == (row["parameters"], row["data"])
        and not series["context"].startswith(FRESH)
    }
    examined = {}
    if row["kind"] == "search":
        known = {str(context): context for context in grid_contexts(SEARCH_GRID)}
        sizes = {text: known[text].config(row["data"], row["scale"]).parameter_count for text in seen}
        examined = {text: sizes[text] for text in sorted(seen, key=lambda text: (sizes[text], known[text].rank))}
        # All the VAEs examined are observed, unless the claim says nothing about one.
        if f"{len(examined)} VAEs examined" not in row["note"]:
            raise ValueError(f"{len(examined)} VAEs were examined, and the note says: {row['note']}")
    return row | {
        "secondary": row.pop("beside"),
        "declared": claim.declared,
        "looks": allowed,
        "alpha": alpha,
        "decoder_failures": _decoder_failures(row["note"], seen),
        "examined": examined,
    }


def _decoder_failures(note: str, replicas: Mapping[str, int]) -> dict[str, float]:
    """Read shares of replicas from the note, where they stand in whole per cent."""
    _, said, failures = note.partition("decoder failure (decoded aggregate draws miss a class too): ")
    shares = {
        context: round(int(share) / 100 * replicas[context]) / replicas[context]
        for share, context in FAILURE.findall(failures)
    }
    again = "; ".join(f"{share:.0%} of replicas in {context}" for context, share in shares.items())
    if said and again != failures:
        raise ValueError(f"decoder failures in another form: {failures}")
    return shares


def _claim(folder: Path, name: str) -> Claim:
    path = folder / f"test_{name}.py"
    spec = spec_from_file_location(f"claim_{name}", path)
    if spec is None or spec.loader is None or not path.exists():
        raise ValueError(f"no claim in {path}")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    claim: Claim = module.CLAIM
    return claim


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EvidenceError(f"{path}: expected JSON, received {error}.") from error
    if not isinstance(content, dict):
        raise EvidenceError(f"{path}: expected a JSON object, received {type(content).__name__}.")
    return content


@click.command()
@click.argument("results", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--claims", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
def main(results: Path, claims: Path) -> None:
    """Turn evidence of schema 1 in the folder RESULTS into schema 2."""
    try:
        written = migrate(results, claims)
    except StudyError as error:
        sys.exit(str(error))
    click.echo(f"{len(written)} files written")


if __name__ == "__main__":
    main()
