"""Damage to one file: a flipped bit, a cut end, nothing left, a newer schema, another's file under its name."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from faults.checks import READERS
from faults.outcomes import Silent
from faults.project import CLAIM
from study.errors import EvidenceError
from study.evidence import predictions, serialise
from study.evidence.figure_data import FigureFile, LatentPlane
from study.evidence.manifest import Manifest
from study.evidence.records import Evidence
from study.lab.store import Store
from study.testing import Example, Ran

DAMAGES = ("flipped bit", "cut end", "empty", "newer schema", "another's")
RECORDS = {"tiny.json": Evidence, "manifest.json": Manifest, "latent_plane.json": FigureFile[LatentPlane]}
"""File of evidence → what it holds."""
CACHE = {
    "weights*": ("posterior*", "rate*", "kl_percentile*"),
    "posterior*": ("rate*",),
    "training*": (),
    "rate*": (),
    "kl_percentile*": (),
}
"""Kind of file of the cache → what has to be missing for it to be read."""
EVIDENCE = (*RECORDS, "predictions.toml")
SAME, EDIT = " (says the same)", " (an edit)"
"""Why a damage is none."""
Damage = Callable[[bytes, bytes], bytes]
"""What a file holds, and what another of its kind does → what is left of it."""
PREDICTIONS = """
[[overturned]]
claim = "another"
parameters = { axis = "width" }
predicted = "SUPPORTED"
found = "REFUTED"
overturned = 2026-11-22
data = "digits"
scale = "quick"
backends = ["jax"]
seed_root = "first"
"""


def ran(folder: Path) -> Ran:
    """Run the tiny claim in this process, in a folder that may hold results and a cache."""
    example = Example({"claims/test_tiny.py": CLAIM}, folder)
    return example.run(cache=folder / ".study-cache")


def damaged(how: str, rng: np.random.Generator, content: bytes, other: bytes) -> bytes:
    """Return what is left of a file.

    Args:
        how: One of :data:`DAMAGES`.
        rng: Draws the place.
        content: What it holds.
        other: What somebody else's file of its kind holds.
    """
    place = int(rng.integers(len(content)))
    if how == "flipped bit":
        flipped = bytearray(content)
        flipped[place] ^= 1 << int(rng.integers(8))
        return bytes(flipped)
    if how == "cut end":
        return content[:place]
    return {"empty": b"", "newer schema": _newer(content), "another's": other}[how]


def _newer(content: bytes) -> bytes:
    """Return a file of a schema that nobody knows yet, as whole as can be."""
    if content[8:9] == b"{":  # arrays: another header
        length = int.from_bytes(content[:8], "little")
        header = json.loads(content[8 : 8 + length])
        header["__metadata__"] = {"schema": "99"}
        text = json.dumps(header).encode()
        return len(text).to_bytes(8, "little") + text + content[8 + length :]
    try:
        return json.dumps({"schema": 99, "content": json.loads(content)}).encode()
    except ValueError:  # predictions
        return content + b"\n[schema]\nversion = 99\n"


def on_another_backend(path: Path) -> bytes:
    """Return what the file of evidence would hold on another backend, whole and sealed."""
    if path.name not in ("tiny.json", "manifest.json"):  # figure data say no backend: another kind of file
        return next(path.parents[1].glob("tiny.json")).read_bytes()
    record = serialise.read(path, RECORDS[path.name])
    if isinstance(record, Evidence):
        record = replace(record, backend="other", rows=tuple(replace(row, backend="other") for row in record.rows))
    else:
        record = replace(record, backend="other")
    return serialise.page(record, sealed=True).encode()


def evidence(folder: Path) -> bytes:
    """Return the content of the one file of evidence."""
    (path,) = (folder / "results").rglob("tiny.json")
    return path.read_bytes()


def check_made_again(warm: Path, folder: Path, kind: str, damage: Damage) -> str:
    """Damage one file of a cache, and run: it is named and made again; or it says what it said.

    Args:
        warm: A folder with results and a cache.
        folder: Where they are copied to.
        kind: A key of :data:`CACHE`.
        damage: The damage.

    Raises:
        Silent: It was recalled as if whole.
    """
    cache = shutil.copytree(warm / ".study-cache", folder / ".study-cache")
    path, second = sorted(cache.glob(f"*/*/{kind}"))
    whole, other = path.read_bytes(), second.read_bytes()
    for missing in (one for pattern in CACHE[kind] for one in path.parent.glob(pattern)):
        missing.unlink()
    path.write_bytes(damage(whole, other))
    again = ran(folder)
    if again.status != 0:
        raise AssertionError(f"{path.name}: the run failed:\n{again.output}")
    if evidence(folder) != evidence(warm):
        raise Silent(f"{path.name}: other evidence:\n{again.output}")
    if f"{path} was damaged" not in again.output:
        if said(path) != said(warm / path.relative_to(folder)):
            raise Silent(f"{path.name}: recalled as if whole:\n{again.output}")
        return SAME
    if kind != "training*" and path.read_bytes() != whole:
        raise AssertionError(f"{path.name}: not made again")
    return ""


def said(path: Path) -> dict[str, Any]:
    """Return what a file of the cache says, whatever stands around it."""
    found = READERS[path.suffix](Store(path.parent), path) or {}
    return {name: (one.dtype, one.tobytes()) if isinstance(one, np.ndarray) else one for name, one in found.items()}


def check_refused(warm: Path, folder: Path, name: str, damage: Damage) -> str:
    """Damage one file of evidence, and run: it is named, and left as it is; or say why the damage is none.

    Args:
        warm: A folder with results and a cache.
        folder: Where they are copied to.
        name: One of :data:`EVIDENCE`.
        damage: The damage.

    Raises:
        Silent: The run went on, or wrote over it.
    """
    shutil.copytree(warm, folder, dirs_exist_ok=True)
    if name in RECORDS:
        (path,) = (folder / "results").rglob(name)
        whole, other, read = path.read_bytes(), on_another_backend(path), partial(serialise.read, path, RECORDS[name])
    else:
        path = folder / "claims" / name
        whole, other, read = PREDICTIONS.encode(), b"[tool]\nname = 1\n", partial(predictions.read, path.parent)
    path.write_bytes(whole)
    before, left = read(), damage(whole, other)
    path.write_bytes(left)
    if not (left == other and name in ("tiny.json", "manifest.json")):  # which is whole, but in another's place
        try:
            after = read()
        except EvidenceError:
            pass
        else:
            if after == before:
                return SAME
            if name == "predictions.toml":  # what people write has no digest: its versions are kept by git
                return EDIT
    again = ran(folder)
    if again.status == 0:
        raise Silent(f"{name}: the run went on:\n{again.output}")
    if not any(name in line for line in again.errors) or "INTERNALERROR" in again.output:
        raise AssertionError(f"{name}: expected one error that names it, received\n{again.output}")
    if path.read_bytes() != left:
        raise Silent(f"{name}: written over")
    return ""
