"""`import study` is light, and its names resolve when they are first used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import study

HEAVY = "keras tensorflow jax torch scipy.stats sklearn matplotlib pandas hypothesis numpy"


def loaded(code: str) -> set[str]:
    """Modules of a fresh interpreter after ``code``."""
    run = [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"]
    return set(subprocess.run(run, capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize("code", ["import study", "import study; dir(study)", "import study.plugin"])
def test_import_is_light(code):
    assert not loaded(code) & set(HEAVY.split())


def test_a_name_brings_its_own_home_only():
    modules = loaded("import study; study.VAEConfig(); study.StudyError")
    assert "study.vae.config" in modules
    assert not modules & (set(HEAVY.split()) - {"numpy"})


def test_every_public_name_resolves():
    assert dir(study) == sorted(study.__all__)
    assert study.VAEConfig().latent_dim == 8
    assert issubclass(study.StudyError, Exception)
    assert study.judge([1.0] * 8, 0.5).word == "SUPPORTED"


@pytest.mark.framework
def test_models_resolve():
    assert study.VAE.__name__ == "VAE"
    assert callable(study.load_vae)


def test_an_unknown_name_is_refused():
    with pytest.raises(AttributeError, match="'study' has no attribute 'nonsense'"):
        _ = study.nonsense
