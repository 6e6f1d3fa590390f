"""The content-addressed cache of trained blocks, posterior arrays and measured values.

A block's key holds everything that its numbers depend on: the config, the syntax trees of the code
that trains it, the data, the precision, the backend and its version, and which block it is. Device,
threads and machine are provenance: recorded, not keyed. Files are published by writing beside them
and renaming, so a reader never sees half a file; correctness depends on that alone. No pickle.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

import study
from study.errors import InvalidValue
from study.runtime.backends import backend_version, precision
from study.runtime.files import publish
from study.seeds import seed_root
from study.vae.config import VAEConfig

Arrays = dict[str, NDArray[Any]]

TRAINING_CODE = ("vae", "seeds.py", "data")
POSTERIOR_CODE = (*TRAINING_CODE, "lab/work.py")
MEASURING_CODE = (*POSTERIOR_CODE, "latent", "measures", "lab/panels.py")


@cache
def code_digest(parts: Iterable[str]) -> str:
    """Digest the syntax trees of parts of the package; comments, docstrings and layout do not count.

    Args:
        parts: Files or folders beneath ``study/``.

    Returns:
        SHA-256 in hexadecimal.
    """
    digest = hashlib.sha256()
    root = Path(study.__file__).parent
    for part in parts:
        for path in sorted((root / part).rglob("*.py")) if (root / part).is_dir() else [root / part]:
            tree = ast.parse(path.read_bytes())
            for node in ast.walk(tree):
                body = getattr(node, "body", None)
                if isinstance(body, list) and len(body) > 1 and _is_docstring(body[0]):
                    del body[0]
            digest.update(f"{path.relative_to(root).as_posix()}\0{ast.dump(tree)}\0".encode())
    return digest.hexdigest()


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


@dataclass(frozen=True)
class Block:
    """One block of replicas of one config, the unit of training and of the cache."""

    config: VAEConfig
    index: int = 0

    def key(self, backend: str, data_digest: str) -> str:
        """Return the block's content address."""
        parts = {
            "config": self.config.canonical,
            "block": self.index,
            "seed_root": seed_root(),
            "code": code_digest(TRAINING_CODE),
            "data": data_digest,
            "precision": precision(),
            "backend": backend,
            "version": backend_version(backend),
            "keras": backend_version("keras"),
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class Shelf:
    """The files of one block."""

    def __init__(self, root: Path, key: str) -> None:
        """Name the folder; it is made when something is first published."""
        self.folder = root / key[:2] / key

    def arrays(self, name: str, code: tuple[str, ...]) -> tuple[Arrays, dict[str, Any]] | None:
        """Return arrays and their description, or None if they are absent, stale or damaged."""
        try:
            content = self._path(name, code, "safetensors").read_bytes()
            arrays = load(content)
            length = int.from_bytes(content[:8], "little")
            described = json.loads(content[8 : 8 + length])["__metadata__"]["about"]
            return arrays, json.loads(described)
        except (OSError, SafetensorError, KeyError, ValueError):
            return None

    def publish_arrays(
        self, name: str, code: tuple[str, ...], arrays: Mapping[str, NDArray[Any]], about: Mapping[str, Any]
    ) -> None:
        """Publish arrays with their description."""
        plain = {key: np.ascontiguousarray(value) for key, value in arrays.items()}
        publish(self._path(name, code, "safetensors"), save(plain, {"about": json.dumps(about)}))

    def values(self, name: str, code: tuple[str, ...]) -> dict[str, Any] | None:
        """Return JSON values, or None if they are absent, stale or damaged."""
        try:
            content = json.loads(self._path(name, code, "json").read_bytes())
            return content if isinstance(content, dict) else None
        except (OSError, ValueError):
            return None

    def publish_values(self, name: str, code: tuple[str, ...], values: Mapping[str, Any]) -> None:
        """Publish JSON values; NaN is refused."""
        publish(self._path(name, code, "json"), json.dumps(values, allow_nan=False).encode())

    def _path(self, name: str, code: tuple[str, ...], suffix: str) -> Path:
        return self.folder / f"{name}-{code_digest(code)[:16]}.{suffix}"


def check_cache(root: Path) -> None:
    """Refuse a cache folder that cannot be written to, before anything is trained."""
    existing = next(path for path in (root, *root.parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        raise InvalidValue("--study-cache", str(root), "a folder that can be written to")
