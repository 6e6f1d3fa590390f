"""Damage to one file: a flipped bit, a cut end, nothing left, a newer schema, another's file under its name."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from faults.project import CLAIM
from study.evidence import serialise
from study.evidence.figure_data import FigureFile, LatentPlane
from study.evidence.manifest import Manifest
from study.evidence.records import Evidence
from study.testing import Example, Ran

DAMAGES = ("flipped bit", "cut end", "empty", "newer schema", "another's")
RECORDS = {"tiny.json": Evidence, "manifest.json": Manifest, "latent_plane.json": FigureFile[LatentPlane]}
"""File of evidence → what it holds."""
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


def damaged(content: bytes, how: str, rng: np.random.Generator, other: bytes) -> bytes:
    """Return what is left of a file.

    Args:
        content: What it holds.
        how: One of :data:`DAMAGES`.
        rng: Draws the place.
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
