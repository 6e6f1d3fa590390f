"""The artefact store: trained blocks, posteriors and values on disk, each file whole or not at all.

Files are published by writing beside them and renaming, so a reader never sees half a file; each carries the digest of
its content, and its key. One that is damaged, or another's, is named, and made again. No pickle.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from study.errors import InvalidValue
from study.lab.artefacts import Block
from study.latent.gaussians import DiagonalGaussians
from study.measures.registry import Measure
from study.measures.tools.bracket import Bracket
from study.runtime.files import publish
from study.types import Arrays, Weights


@dataclass(frozen=True)
class Status:
    """What is known of a trained block.

    Attributes:
        epochs: Epochs trained.
        device: What it was trained on.
        seconds: Seconds that its training took.
        finite: Whether each replica's loss was finite, ``(replica,)``; one that was not is left out.
        run: Token of the run that trained it.
    """

    epochs: int
    device: str
    seconds: float
    finite: NDArray[np.bool_]
    run: str = ""


@dataclass(frozen=True)
class Store:
    """The artefacts under one folder.

    Attributes:
        root: The folder; it is made when something is first published.
        damaged: Files that were found damaged, and why; they count as absent.
    """

    root: Path
    damaged: dict[str, str] = field(default_factory=dict, compare=False)

    def check_writable(self) -> None:
        """Refuse a folder that cannot be written to, before anything is trained."""
        writable = False
        with suppress(OSError, ValueError):  # a path that the system does not take
            existing = next(path for path in (self.root, *self.root.parents) if path.exists())
            writable = existing.is_dir() and os.access(existing, os.W_OK)
        if not writable:
            raise InvalidValue("--study-cache", str(self.root), "a folder that can be written to")

    def lock(self, block: Block, *, wait: bool = True) -> FileLock:
        """Return the lock of a block; it only keeps two processes from the same work, the outcome is right without."""
        folder = self.folder(block)
        folder.mkdir(parents=True, exist_ok=True)
        return FileLock(folder / "lock", blocking=wait)

    def sweep(self, block: Block) -> None:
        """Remove what writers left behind that were killed; for whoever holds the block's lock."""
        for draft in self.folder(block).glob(".*.tmp"):
            draft.unlink(missing_ok=True)

    def folder(self, block: Block) -> Path:
        """Return the folder of a block."""
        key = block.key()
        return self.root / key[:2] / key

    def status(self, block: Block) -> Status | None:
        """Return what is known of a trained block, or None where it is not in the store."""
        found = self._values(self.folder(block) / "training.json", block.key())
        if found is None or self.weights(block, probe=True) is None:
            return None
        finite = np.array(found["finite"], bool)
        return Status(found["epochs"], found["device"], found["seconds"], finite, found.get("run", ""))

    def weights(self, block: Block, *, probe: bool = False) -> Weights | None:
        """Return the weights of a trained block; a probe only says whether there are some."""
        path = self.folder(block) / "weights.safetensors"
        return ({} if path.exists() else None) if probe else self._arrays(path, block.key())

    def publish_training(self, block: Block, weights: Weights, about: Mapping[str, Any]) -> None:
        """Put a trained block into the store."""
        self._publish_arrays(self.folder(block) / "weights.safetensors", block.key(), weights, block)
        self._publish_values(self.folder(block) / "training.json", block.key(), about)

    def posteriors(self, block: Block) -> tuple[DiagonalGaussians, DiagonalGaussians] | None:
        """Return the posteriors of the training and of the held-out images, or None."""
        found = self._arrays(self._posterior(block), block.posterior_key())
        if found is None:
            return None
        train, heldout = (
            DiagonalGaussians(found[f"{split}_mean"], found[f"{split}_log_var"]) for split in ("train", "heldout")
        )
        return train, heldout

    def publish_posteriors(self, block: Block, arrays: Arrays) -> None:
        """Put the posteriors of a block into the store."""
        self._publish_arrays(self._posterior(block), block.posterior_key(), arrays, block)

    def values(self, block: Block, measure: Measure) -> Bracket | None:
        """Return the values of a measure, ``(replica,)``, or None; where a replica diverged, they are a sibling's."""
        found = self._values(self._value(block, measure), block.value_key(measure))
        return None if found is None else Bracket(*(np.array(found[end], float) for end in ("low", "high")))

    def publish_value(self, block: Block, measure: Measure, value: Bracket) -> None:
        """Put the values of a measure into the store."""
        ends = {"measure": str(measure), "low": value.low.tolist(), "high": value.high.tolist()}
        self._publish_values(self._value(block, measure), block.value_key(measure), ends)

    def forget_value(self, block: Block, measure: Measure) -> None:
        """Take the values of a measure out of the store, so that they are computed again."""
        self._value(block, measure).unlink(missing_ok=True)

    def drawings(self, block: Block, key: str) -> dict[str, Any] | None:
        """Return what was drawn for a figure under a key, or None."""
        return self._values(self._drawings(block, key), key)

    def publish_drawings(self, block: Block, key: str, values: Mapping[str, Any]) -> None:
        """Put what was drawn for a figure into the store."""
        self._publish_values(self._drawings(block, key), key, values)

    def _drawings(self, block: Block, key: str) -> Path:
        return self.folder(block) / f"drawings-{key[:16]}.json"

    def _posterior(self, block: Block) -> Path:
        return self.folder(block) / f"posterior-{block.posterior_key()[:16]}.safetensors"

    def _value(self, block: Block, measure: Measure) -> Path:
        return self.folder(block) / f"{measure.name}-{block.value_key(measure)[:16]}.json"

    def _arrays(self, path: Path, key: str) -> Arrays | None:
        try:
            content = path.read_bytes()
            arrays = load(content)
            length = int.from_bytes(content[:8], "little")
            about = json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["about"])
            if about["sha256"] != _digest(arrays):
                raise ValueError("its arrays have another digest than it says")
            _check_own(about, key)
        except FileNotFoundError:
            return None
        except (OSError, SafetensorError, KeyError, ValueError, TypeError, RecursionError) as error:
            self.damaged[str(path)] = str(error) or type(error).__name__
            return None
        return arrays

    def _publish_arrays(self, path: Path, key: str, arrays: Mapping[str, NDArray[Any]], block: Block) -> None:
        plain = {name: np.ascontiguousarray(value) for name, value in arrays.items()}
        # One entry, since several would stand in another order each time.
        about = json.dumps({"config": block.config.canonical, "key": key, "sha256": _digest(plain)})
        publish(path, save(plain, {"about": about}))

    def _values(self, path: Path, key: str) -> dict[str, Any] | None:
        try:
            content = json.loads(path.read_bytes())
            values = content["values"]
            if content["sha256"] != _text_digest(values):
                raise ValueError("its values have another digest than it says")
            _check_own(content, key)
        except FileNotFoundError:
            return None
        except (OSError, KeyError, ValueError, TypeError, RecursionError) as error:
            self.damaged[str(path)] = str(error) or type(error).__name__
            return None
        return dict(values)

    def _publish_values(self, path: Path, key: str, values: Mapping[str, Any]) -> None:
        plain = json.loads(json.dumps(values, allow_nan=False))
        publish(path, json.dumps({"sha256": _text_digest(plain), "key": key, "values": plain}, allow_nan=False))


def _check_own(about: Mapping[str, Any], key: str) -> None:
    """Refuse a file that was made under another key; older ones do not say theirs."""
    if about.get("key", key) != key:
        raise ValueError("it is the file of another block, backend or measure")


def _digest(arrays: Mapping[str, NDArray[Any]]) -> str:
    sha = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        sha.update(f"{name}\0{array.dtype.str}\0{array.shape}\0".encode())
        sha.update(np.ascontiguousarray(array).data)
    return sha.hexdigest()


def _text_digest(values: object) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True, allow_nan=False).encode()).hexdigest()
