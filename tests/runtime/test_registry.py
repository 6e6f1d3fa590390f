"""The registry: what lies behind a door, the study's own and a third party's, and what is said of a wrong name."""

from __future__ import annotations

import sys

import pytest

from study.errors import InvalidValue
from study.runtime import registry


@pytest.fixture
def third_party(tmp_path, monkeypatch):
    """A distribution that declares one name behind a door, on the path of this process."""
    (tmp_path / "their_sampler.py").write_text("fit = 'theirs'\n")
    info = tmp_path / "theirs-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text("[study.latent.samplers]\nours_too = their_sampler\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "ours_too"
    sys.modules.pop("their_sampler", None)


def test_the_names_are_the_public_modules_of_the_package():
    assert registry.names("study.latent.samplers") == (
        "aggregate",
        "gaussian",
        "gaussian_mixture",
        "prior",
        "training_aggregate",
        "training_mixture",
    )
    assert "registry" not in registry.names("study.measures")  # the machinery is no measure
    assert not [name for name in registry.names("study.measures") if name.startswith("_")]


def test_listing_imports_nothing_behind_the_door(monkeypatch):
    for name in list(sys.modules):
        if name.startswith("study.vae.backends."):
            monkeypatch.delitem(sys.modules, name)
    assert registry.names("study.vae.backends") == ("jax", "tensorflow", "torch")
    assert not [name for name in sys.modules if name.startswith("study.vae.backends.")]


def test_a_third_party_comes_by_its_entry_point(third_party):
    assert third_party in registry.names("study.latent.samplers")
    assert registry.load("study.latent.samplers", third_party).fit == "theirs"
    assert registry.distribution_of("study.latent.samplers", third_party) == ("theirs", "1.2")
    assert registry.distribution_of("study.latent.samplers", "prior") is None


@pytest.mark.parametrize("name", ["priro", "agregate", "", "no such thing"])
def test_a_wrong_name_is_refused_with_the_closest_ones(name):
    with pytest.raises(InvalidValue, match=r"samplers: expected one of .*'(prior|aggregate)'.*, received") as caught:
        registry.load("study.latent.samplers", name)
    assert caught.value.received == name


def test_nothing_else_is_imported_by_a_string():
    """The one import by string of the package is the registry's; ruff holds authors to it, this holds ruff's rule."""
    from pathlib import Path

    import study

    package = Path(study.__file__).parent
    users = [p for p in package.rglob("*.py") if "import_module" in p.read_text(encoding="utf-8")]
    assert [p.relative_to(package).as_posix() for p in users] == ["runtime/registry.py"]
