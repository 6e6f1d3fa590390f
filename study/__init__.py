"""An empirical study of variational autoencoders: what is said of them, put to the test.

Names resolve when they are first used: ``import study`` loads no deep-learning framework.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from study.design.claim import Claim, Estimand, Scope
    from study.design.contexts import LISTED, Context, grid_contexts, search_space
    from study.design.grids import SEARCH_GRID, VAE_GRID
    from study.errors import StudyError
    from study.lab.lab import Lab
    from study.lab.measurements import measure
    from study.lab.ranks import rank_correlation
    from study.lab.subjects.subject import Subject
    from study.lab.values import maximum, minimum
    from study.latent.gaussians import DiagonalGaussians
    from study.vae.config import VAEConfig
    from study.vae.model import VAE, load_vae
    from study.verdicts.numbers import judge

_HOMES = {
    "Claim": ("study.design", "claim"),
    "Context": ("study.design", "contexts"),
    "DiagonalGaussians": ("study.latent", "gaussians"),
    "Estimand": ("study.design", "claim"),
    "LISTED": ("study.design", "contexts"),
    "Lab": ("study.lab", "lab"),
    "SEARCH_GRID": ("study.design", "grids"),
    "Scope": ("study.design", "claim"),
    "StudyError": ("study", "errors"),
    "Subject": ("study.lab.subjects", "subject"),
    "VAE": ("study.vae", "model"),
    "VAEConfig": ("study.vae", "config"),
    "VAE_GRID": ("study.design", "grids"),
    "judge": ("study.verdicts", "numbers"),
    "grid_contexts": ("study.design", "contexts"),
    "load_vae": ("study.vae", "model"),
    "maximum": ("study.lab", "values"),
    "measure": ("study.lab", "measurements"),
    "minimum": ("study.lab", "values"),
    "rank_correlation": ("study.lab", "ranks"),
    "search_space": ("study.design", "contexts"),
}

__all__ = [
    "LISTED",
    "SEARCH_GRID",
    "VAE",
    "VAE_GRID",
    "Claim",
    "Context",
    "DiagonalGaussians",
    "Estimand",
    "Lab",
    "Scope",
    "StudyError",
    "Subject",
    "VAEConfig",
    "grid_contexts",
    "judge",
    "load_vae",
    "maximum",
    "measure",
    "minimum",
    "rank_correlation",
    "search_space",
]


def __getattr__(name: str) -> object:
    """Import a public name from its home."""
    if name not in _HOMES:
        raise AttributeError(f"module 'study' has no attribute {name!r}")
    from study.runtime import registry

    return getattr(registry.load(*_HOMES[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
