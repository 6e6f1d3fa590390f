"""The scales, base VAEs, levels and grids that claims draw their contexts from."""

from __future__ import annotations

from collections.abc import Mapping

from study.types import Field

SCALES: Mapping[str, Mapping[str, int | None]] = {
    "quick": {"digits": None},
    "standard": {"digits": None, "mnist": 10_000},
    "full": {"mnist": None, "fashion_mnist": None},
}
"""Data sets of each scale, with the number of training images (None: all)."""

BASES: Mapping[str, Mapping[str, Field]] = {
    "digits": {
        "latent_dim": 2, "encoder_width": 32, "decoder_width": 32, "encoder_depth": 1, "decoder_depth": 1,
        "learning_rate": 5e-3, "batch_size": 128, "window_epochs": 50, "max_epochs": 1500, "tolerance": 0.1,
    },
    "mnist": {
        "latent_dim": 2, "encoder_width": 128, "decoder_width": 128, "encoder_depth": 1, "decoder_depth": 1,
        "learning_rate": 2e-3, "batch_size": 128, "window_epochs": 10, "max_epochs": 200, "tolerance": 0.25,
    },
}  # fmt: skip
"""The VAE from which every axis starts, per kind of image.

It has two latents, as the asker's had; and with few held-out images the bracket of the marginal KL is
narrower than an effect at low rates only.
"""

LEVELS: Mapping[str, Mapping[str, tuple[int, ...]]] = {
    "digits": {
        "encoder_width": (8, 16, 32, 64), "encoder_depth": (1, 2, 3, 4), "width": (8, 16, 32, 64),
        "latent_dim": (2, 4, 8, 16),
    },
    "mnist": {
        "encoder_width": (32, 64, 128, 256), "encoder_depth": (1, 2, 3, 4), "width": (32, 64, 128, 256),
        "latent_dim": (2, 4, 8, 16),
    },
}  # fmt: skip
"""Levels of each capacity axis, per kind of image; the number of images is the same at every level."""

DESIGNS = "vae-claims-1"
"""Seed root of the designs: they were drawn once, and fresh seeds do not redraw them."""

TRAINING_GRID: Mapping[str, tuple[Field, ...]] = {
    "kl_weight": (0.5, 1.0, 2.0),
    "activation": ("relu", "tanh"),
    "pixels": ("binarised", "redrawn"),
}
"""What the contexts of a claim about an axis range over."""

VAE_GRID: Mapping[str, tuple[Field, ...]] = {
    **TRAINING_GRID,
    "at": tuple(f"{axis}[{level}]" for axis in LEVELS["digits"] for level in range(4)),
}
"""What a claim about "every VAE" ranges over: each training setting at each level of each axis."""

SEARCH_GRID: Mapping[str, tuple[Field, ...]] = {
    "latent_dim": (1, 2, 4, 8),
    "width": (8, 16, 32),
    "kl_weight": (1.0, 2.0, 0.5, 4.0, 0.25, 0.125),
}
"""Where a counterexample is looked for, each choice ordered from small (or plain) to large (or far from plain)."""


def kind(data: str) -> str:
    """Return which entry of :data:`BASES` and :data:`LEVELS` a data set uses."""
    return "digits" if data == "digits" else "mnist"
