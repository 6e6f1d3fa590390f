"""An empirical study of variational autoencoders: what is said of them, put to the test.

Names resolve when they are first used: ``import study`` loads no deep-learning framework.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from study.errors import StudyError
    from study.vae.config import VAEConfig
    from study.vae.model import VAE, load_vae

_HOMES = {
    "VAE": "study.vae.model",
    "VAEConfig": "study.vae.config",
    "StudyError": "study.errors",
    "load_vae": "study.vae.model",
}

__all__ = ["VAE", "StudyError", "VAEConfig", "load_vae"]


def __getattr__(name: str) -> Any:
    """Import a public name from its home."""
    if name not in _HOMES:
        raise AttributeError(f"module 'study' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
