"""The scales, base VAEs, and levels and grids that claims list their contexts from."""

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
        "learning_rate": 5e-3, "batch_size": 128, "epochs": 600, "kl_warmup_epochs": 200, "pixels": "redrawn",
    },
    "mnist": {
        "latent_dim": 2, "encoder_width": 128, "decoder_width": 128, "encoder_depth": 1, "decoder_depth": 1,
        "learning_rate": 2e-3, "batch_size": 128, "epochs": 120, "kl_warmup_epochs": 40, "pixels": "redrawn",
    },
}  # fmt: skip
"""The VAE from which every axis starts, and its recipe, per kind of image; the KL weight is 1.

It has two latents, as the asker's had; and with few held-out images the bracket of the marginal KL is
narrower than an effect at low rates only.
"""

QUICK: Mapping[str, tuple[int, ...]] = {
    "encoder_width": (16, 32, 64), "encoder_depth": (1, 2, 3, 4), "width": (16, 32, 64), "latent_dim": (2, 4, 8),
}  # fmt: skip
WIDE = {**QUICK, "encoder_width": (16, 32, 64, 128), "width": (16, 32, 64, 128)}
LEVELS: Mapping[str, Mapping[str, tuple[int, ...]]] = {"quick": QUICK, "standard": WIDE, "full": WIDE}
"""Levels of each capacity axis at each scale; the number of images is the same at every level."""

VAE_GRID: Mapping[str, tuple[Field, ...]] = {"kl_weight": (1.0, 0.5, 0.25), "latent_dim": (2, 4, 8)}
"""What a claim about "every VAE" lists of each context, see :func:`study.design.contexts.grid_contexts`."""

SEARCH_GRID: Mapping[str, tuple[Field, ...]] = {
    "latent_dim": (2, 4, 8, 16),
    "width": (8, 16, 32),
    "kl_weight": (1.0, 2.0, 0.5, 4.0, 0.25, 0.125),
}
"""Where a counterexample is looked for, each choice ordered from small (or plain) to large (or far from plain)."""


def kind(data: str) -> str:
    """Return which entry of :data:`BASES` a data set uses."""
    return "digits" if data == "digits" else "mnist"
