"""How the time of an epoch grows with replicas, width, latent dimension and data size; digits, one program."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bench import setting

from study.vae.config import BLOCK

EPOCHS = 5
LEVELS: dict[str, tuple[int, ...]] = {
    "replicas": (1, 2, 8, 16, 64),
    "width": (32, 64, 128, 256, 512),
    "latent_dim": (2, 8, 32, 128),
    "images": (352, 1_408, 5_632, 22_528),
}


@pytest.mark.slow
@pytest.mark.parametrize(("axis", "level"), [(axis, level) for axis, levels in LEVELS.items() for level in levels])
def test_epoch(in_turn: Callable[..., None], axis: str, level: int) -> None:
    """A few epochs with one thing changed from the digits size: eight replicas, 1,408 images."""
    from bench import ours

    epochs = 1 if (axis, level) in {("replicas", 64), ("width", 512), ("images", 22_528)} else EPOCHS
    config = setting.CONFIGS["digits"].replace(epochs=epochs)
    if axis in ("width", "latent_dim"):
        config = config.along(axis, level)
    replicas = level if axis == "replicas" else BLOCK
    block = ours.Ours(config, replicas, level if axis == "images" else None)
    info = {"kind": "growth", "size": "digits", "axis": axis, "level": level, "epochs": epochs, "replicas": replicas}
    in_turn(block.run, [], 3, **info, steps=block.steps, **setting.work(config, replicas, block.steps))
